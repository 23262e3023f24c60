const withoutLogGroups = (resources) => {
  for (const { Type, Properties } of resources) {
    const policies = (Type === 'AWS::IAM::Role' && Properties.Policies) || [];
    for (const statement of policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement))
      if (Array.isArray(statement.Action))
        statement.Action = statement.Action.filter((action) => action !== 'logs:CreateLogGroup');
  }
};

/**
 * Takes out the role that osls makes for all functions of a service together. Each function has one of its own
 * (serverless-iam-roles-per-function, which copies that one, and so must stand before this plugin); nobody uses the
 * common one, which may receive from and delete on every queue. Refuses to when a function is left that does use it.
 *
 * From those of functions it takes the right to create log groups: each group is a resource of its stack, and one that
 * Lambda made anew once the stack is gone would keep its lines for ever. Does nothing but at packaging.
 */
class LeastRoles {
  constructor(serverless) {
    this.hooks = {
      'before:package:finalize': () => {
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
        withoutLogGroups(Object.values(Resources));
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

module.exports = LeastRoles;
