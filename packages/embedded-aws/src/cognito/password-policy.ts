export type PasswordPolicy = {
  MinimumLength?: number;
  RequireUppercase?: boolean;
  RequireLowercase?: boolean;
  RequireNumbers?: boolean;
  RequireSymbols?: boolean;
  TemporaryPasswordValidityDays?: number;
};

/** What a password lacks of a pool's policy, in Cognito's words; undefined: nothing. */
export const passwordFault = (policy: PasswordPolicy, password: string): string | undefined => {
  const faults: [boolean | undefined, string][] = [
    [password.length < (policy.MinimumLength ?? 6), 'Password not long enough'],
    [policy.RequireUppercase && !/[A-Z]/.test(password), 'Password must have uppercase characters'],
    [policy.RequireLowercase && !/[a-z]/.test(password), 'Password must have lowercase characters'],
    [policy.RequireNumbers && !/\d/.test(password), 'Password must have numeric characters'],
    // Cognito counts these, and a space that is neither the first nor the last character.
    [
      policy.RequireSymbols && !/[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|\S \S/.test(password),
      'Password must have symbol characters',
    ],
  ];
  const found = faults.find(([is]) => is);
  return found && `Password did not conform with policy: ${found[1]}`;
};
