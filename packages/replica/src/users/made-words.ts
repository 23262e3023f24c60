/**
 * What the users of the replica are made of. Values of the source's own lists (genders, plans …) are spelt as it spells
 * them.
 */
const list = (text: string): readonly string[] => text.split('|');

export const FIRST_NAMES = list(
  "Ada|Aisha|Alfonso|Amélie|Anders|Beatriz|Benedict|Björn|Camille|Chloé|Cornelius|D'Angelo|Dagmar|Delphine|Édouard|Eleni|Emeka|Fabiola|Farid|Fátima|Gaspar|Greta|Hana|Hugo|Imogen|Inês|Isidro|Jarrod|Jean-Luc|Jolanda|José|Kaito|Katarzyna|Lachlan|Leocadia|Lucía|Marisol|Mikkel|Nadia|Noé|Odette|Olga|Pascal|Priya|Quentin|Renée|Rosalind|Rupert|Sana|Søren|Tamsin|Thaddeus|Ursula|Valentín|Wendell|Xiomara|Yara|Yusuf|Zacharias|Zoë",
);

/** Names that a list in alphabetical order finds hard, among those that it does not. */
export const LAST_NAMES = list(
  "Abernethy|Achebe|Adler|Ångström|Araújo|Ashworth|Baptiste|Barros|Bergström|Blackwood|Boyle|Brontë|Calderón|Carvalho|Castellanos|Chevalier|Cho|D'Agostino|D'Amico|D'Souza|Dahl|de la Cruz|De Luca|Delacroix|Dimitriou|Drummond|Eastwood|Eberhardt|El-Sayed|Élysée|Engström|Escobar|Fairbanks|Farouk|Ferreira|Fitzgerald|Fjord|Forsythe|Gagnon|García|Giordano|Gonçalves|Grünwald|Guðmundsdóttir|Haddad|Halvorsen|Hartwell|Hernández|Holub|Horváth|Ibáñez|Ito|Iwu|Jansson|Jaramillo|Joyce|Kavanagh|Keller|Kim|Kowalczyk|Kuznetsova|Lafontaine|Lefèvre|Lindqvist|Llewellyn|López|MacLeod|Marchetti|Mbeki|McAllister|McDonald|Muñoz|Müller|Nakamura|Ndiaye|Nielsen|Novák|Nuñez|O'Brien|O'Callaghan|O'Conner|O'Keefe|O'Reilly|Oakes|Okonkwo|Oliveira|Papadopoulos|Peña|Petrov|Pham|Quinn|Quiñones|Qureshi|Ramírez|Rasmussen|Rios|Rossi|Saint-Exupéry|Sato|Schäfer|Şahin|Silva|Smith-Jones|Sørensen|St. John|'t Hooft|Takahashi|Tremblay|Tuğrul|Ueda|Uribe|Urquhart|van den Berg|Vasquez|Villanueva|von Trapp|Wagner|Walsh|Whitaker|Wójcik|Xu|Yamamoto|Yılmaz|Young|Zając|Zhang|Zimmermann|Zúñiga",
);

export const GENDERS = list('Female|Male|Agender|Bigender|Genderfluid|Genderqueer|Non-binary|Polygender');

export const CITY_PARTS = {
  before: list('East|Fort|Lake|New|North|Port|Saint|South|West'),
  after: list('berg|borough|bury|fort|haven|mouth|port|shire|stad|ton|view|ville'),
};
export const STREET_TYPES = list(
  'Alley|Bridge|Court|Crossing|Drive|Fields|Gardens|Hollow|Lane|Mews|Orchard|Parade|Quay|Ridge|Route|Square|Terrace|Walk',
);
export const STATES = list(
  'Alabama|Arizona|California|Colorado|Connecticut|Delaware|Georgia|Idaho|Indiana|Kansas|Louisiana|Maine|Maryland|Massachusetts|Minnesota|Missouri|Montana|Nebraska|New Hampshire|New Jersey|New Mexico|North Dakota|Ohio|Oregon|Rhode Island|South Carolina|Tennessee|Texas|Utah|Vermont|Washington|West Virginia|Wyoming',
);
/** Most users are of the first. */
export const COUNTRIES = list("United States|Brazil|Canada|Côte d'Ivoire|Portugal|Trinidad and Tobago|Türkiye");

export const TITLE_PARTS = {
  level: list('Assistant|Chief|District|Future|International|Junior|Lead|Principal|Regional|Senior'),
  field: list(
    'Accounting|Construction|Farming|Food & Beverage|Healthcare|IT|Legal|Logistics|R&D|Retail|Sales & Marketing',
  ),
  role: list(
    'Administrator|Agent|Architect|Associate|Consultant|Developer|Executive|Facilitator|Liaison|Officer|Planner',
  ),
};
export const SKILLS = list(
  'Communication|Confidence|Fast learner|Leadership|Networking skills|Organisation|Proactive|Problem solving|Self-motivated|Teamwork|Technical savvy|Work under pressure',
);

export const PLANS = list(
  'Basic|Bronze|Business|Diamond|Essential|Free Trial|Gold|Platinum|Premium|Professional|Silver|Standard|Starter|Student',
);
export const STATUSES = list('Active|Blocked|Idle|Pending');
export const PAYMENTS = list(
  'Alipay|Apple Pay|Bitcoins|Cash|Cheque|Credit card|Debit card|Google Pay|Money transfer|Paypal|Visa checkout|WeChat Pay',
);
export const TERMS = list('Annual|Full subscription|Monthly|Payment in advance');

/** `#` becomes a digit, as in the forms that the source has. */
export const PHONE_FORMS = list('###-###-####|(###) ###-####|###.###.####|1-###-###-####');
export const CALLING_CODES = list('1|1-246|1-787|20|212|33|351|354|55|590|63|7|84|971|998');
export const CARD_FORMS = list(
  '4############|4###-####-####-####|5###-####-####-####|3###-######-#####|6011-####-####-####',
);
