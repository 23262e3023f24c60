/** Something that whoever called can put right; its message says what happened and what to do. */
export class UserError extends Error {
  override name = 'UserError';
}
