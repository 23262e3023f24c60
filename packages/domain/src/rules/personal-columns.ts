/** Names of columns by whose values persons are known or reached, in the languages of the sources there are. */
const PERSONAL = new RegExp(
  `(?:^|_)(?:${[
    'e_?mails?',
    '(?:tele)?phones?|phone_numbers?|mobile|celular|telefones?|telefonos?|telephones?',
    'passwords?|senhas?|pwd',
    'ssn|sin|social_(?:security|insurance)(?:_number)?|cpf|rg|nif|nino|dni|iban',
    '(?:credit_?)?card_number|cc_number',
    '(?:first|last|full|middle|maiden|user)_?names?|surnames?|sobrenomes?|apellidos?',
    'birth_?(?:day|date)|date_of_birth|dob|(?:data_(?:de_)?)?nascimento|fecha_(?:de_)?nacimiento|date_(?:de_)?naissance',
  ].join('|')})(?:_|$)`,
);

/**
 * Whether a column is about persons, by its name. Whoever may read the rows sees its values there; a profile, which is
 * made to be read of many datasets at once, says nothing of single ones.
 */
export const isPersonalColumn = (name: string): boolean => PERSONAL.test(name);
