/**
 * Takes out the role that osls makes for all functions of a service together. Each function has one of its own (serverless-iam-roles-per-function,
 * which copies that one, and so must stand before this plugin); nobody uses the common one, which may receive from and delete on every queue.
 * Refuses to when a function is left that does use it. Does nothing but at packaging.
 */
class NoCommonRole {
  constructor(serverless) {
    this.hooks = {
      'before:package:finalize': () => {
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
        const name = serverless.getProvider('aws').naming.getRoleLogicalId();
        const { [name]: role, ...others } = Resources;
        if (role === undefined) return;
        const users = Object.keys(others).filter((one) => JSON.stringify(others[one]).includes(`"${name}"`));
        if (users.length > 0) {
          throw new serverless.classes.Error(
            `${users.join(', ')} would have the role of all functions together: give each function grants of its own.`,
          );
        }
        delete Resources[name];
      },
    };
  }
}

module.exports = NoCommonRole;
