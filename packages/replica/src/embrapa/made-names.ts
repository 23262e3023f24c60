/**
 * Names of products, grapes and countries for the generated files: common words of the field, none taken from a sample.
 */
const list = (text: string): readonly string[] => text.trim().split(/\s*\|\s*/);

/** `[control, product]` of a section row and the products below it; a blank control is one of the source's quirks. */
export type Section = {
  control: string;
  title: string;
  prefix: string;
  products: readonly string[];
  magnitude: number;
};

export const PRODUCTION: readonly Section[] = [
  {
    control: 'VINHO DE MESA',
    title: 'VINHO DE MESA',
    prefix: 'vm_',
    products: list('Tinto | Branco | Rosado'),
    magnitude: 6e7,
  },
  {
    control: 'VINHO FINO DE MESA (VINIFERA)',
    title: 'VINHO FINO DE MESA (VINIFERA)',
    prefix: 'vm_',
    products: list('Tinto | Branco | Rosado'),
    magnitude: 9e6,
  },
  {
    control: 'SUCO',
    title: 'SUCO',
    prefix: 'su_',
    products: list('Suco integral | Suco concentrado | Suco adoçado | Suco orgânico | Suco reconstituído'),
    magnitude: 4e6,
  },
  {
    control: 'DERIVADOS',
    title: 'DERIVADOS',
    prefix: 'de_',
    products:
      list(`Aguardente | Álcool vínico | Bagaceira | Base para espumante | Bebida de uva | Borra líquida | Borra seca |
      Brandy | Compostos | Cooler | Destilado | Espumante | Espumante moscatel | Espumante orgânico | Filtrado | Frisante |
      Geleia de uva | Grapa | Jeropiga | Licor de vinho | Licorosos | Mistelas | Mosto concentrado | Mosto simples |
      Mosto sulfitado | Néctar | Óleo de semente | Polpa | Refrigerante de uva | Sangria | Vinagre | Vinho acidificado |
      Vinho leve | Vinho licoroso | Vinho orgânico | Outros derivados `),
    magnitude: 3e5,
  },
];

export const COMMERCE: readonly Section[] = [
  {
    control: 'VINHO DE MESA',
    title: 'VINHO DE MESA',
    prefix: 'vm_',
    products: list('Tinto | Rosado | Branco'),
    magnitude: 5e7,
  },
  {
    control: 'VINHO  FINO DE MESA',
    title: 'VINHO  FINO DE MESA',
    prefix: 'vm_',
    products: list('Tinto | Rosado | Branco'),
    magnitude: 4e6,
  },
  { control: 'VINHO FRISANTE', title: 'VINHO FRISANTE', prefix: 'vf_', products: [], magnitude: 6e5 },
  { control: 'VINHO ORGÂNICO', title: 'VINHO ORGÂNICO', prefix: 'vo_', products: [], magnitude: 9e4 },
  {
    control: 'VINHO ESPECIAL',
    title: 'VINHO ESPECIAL',
    prefix: 've_',
    products: list('Tinto | Rosado | Branco'),
    magnitude: 2e6,
  },
  {
    control: 'ESPUMANTES ',
    title: 'ESPUMANTES ',
    prefix: 'es_',
    products: list('Espumante | Espumante  Moscatel | Espumante Orgânico'),
    magnitude: 3e6,
  },
  {
    control: 'SUCO DE UVAS',
    title: 'SUCO DE UVAS',
    prefix: 'su_',
    products: list('Suco natural | Suco adoçado | Suco reprocessado | Suco orgânico | Outros sucos'),
    magnitude: 2e6,
  },
  {
    control: 'SUCO DE UVAS CONCENTRADO',
    title: 'SUCO DE UVAS CONCENTRADO',
    prefix: 'sc_',
    products: [],
    magnitude: 5e6,
  },
  {
    control: '',
    title: 'OUTROS PRODUTOS COMERCIALIZADOS',
    prefix: 'ou_',
    products:
      list(`Aguardente de vinho 50°GL | Álcool | Bagaceira (grapa) | Base para espumante | Bebida mista | Borra fresca |
      Brandy (conhaque) | Cooler | Coquetel de vinho | Destilado | Filtrado doce | Geleia | Jeropiga | Licor | Mistela |
      Mosto concentrado | Mosto simples | Mosto sulfitado | Néctar | Óleo | Polpa | Preparado para refresco |
      Refrigerante +40% suco | Sangria | Vinagre balsâmico | Vinagre duplo | Vinagre simples | Vinho base |
      Vinho composto | Vinho gaseificado | Vinho leve | Vinho licoroso | Vinhos (sem informação) | Fermentado, acético misto |
      Outros produtos`),
    magnitude: 4e5,
  },
];

const RED_VINIFERAS =
  list(`Aglianico | Alicante Bouschet | Ancellotta | Aramon | Arinarnoa | Baga | Barbera | Bobal | Bonarda |
  Cabernet Franc | Cabernet Sauvignon | Caladoc | Canaiolo | Carignan | Carménère | Castelão | Cinsault | Corvina | Counoise |
  Croatina | Dolcetto | Durif | Egiodola | Freisa | Gamay | Graciano | Grenache | Lagrein | Lambrusco | Malbec | Marselan |
  Mencía | Merlot | Mistura de uvas tintas  | Monastrell | Montepulciano | Mourvèdre | Nebbiolo | Negroamaro | Nero d'Avola |
  Petit Verdot | Petite Sirah | Pinot Meunier | Pinot Noir | Pinotage | Primitivo | Raboso | Rebo | Refosco | Rondinella |
  Ruby Cabernet | Sangiovese | Saperavi | Schiava | Syrah | Tannat | Tempranillo | Teroldego | Tinta Barroca | Tinta Cão |
  Tinta Roriz | Touriga Franca | Touriga Nacional | Trincadeira | Uva Rara | Zinfandel (Falsa) | Xinomavro | Outras tintas`);
const WHITE_VINIFERAS =
  list(`Albariño | Aligoté | Alvarinho | Arinto | Assyrtiko | Bical | Chardonnay | Chasselas | Chenin Blanc |
  Clairette | Colombard | Cortese | Encruzado | Falanghina | Fernão Pires | Fiano | Flora | Folle Blanche | Furmint |
  Garganega | Gewürztraminer | Glera (Prosecco) | Greco | Grenache Blanc | Grüner Veltliner | Loureiro | Macabeo |
  Malvasia Bianca | Malvasia de Cândia | Malvasia Istriana | Manzoni Bianco | Marsanne | Mistura de uvas brancas  |
  Moscato Bianco | Moscato Giallo | Moscato de Alexandria | Moscatel Rosado | Müller-Thurgau | Nosiola | Palomino |
  Parellada | Pedro Giménez | Peverella | Picpoul | Pinot Blanc | Pinot Gris | Riesling Itálico | Riesling Renano |
  Roussanne | Sauvignon Blanc | Sauvignon Gris | Sémillon | Sylvaner | Torrontés | Traminer | Trebbiano | Ugni Blanc |
  Verdejo | Verdelho | Verdicchio | Vermentino | Vernaccia | Viognier | Viosinho | Viura | Vital | Xarel-lo | Zibibbo |
  Outras brancas`);
const RED_AMERICANAS =
  list(`Bailey | BRS Carmem | BRS Cora | BRS Magna | BRS Rúbea | BRS Violeta | Bordô | Champanheta (Francesa) |
  Cinqué | Concord | Concord clone 30 | Couderc | Cynthiana(1) | Herbemont | IAC 138-22 | Isabel | Isabel Precoce | Jacquez |
  Landot | Mistura de uvas americanas | Oberlin | Othello | Pinot Oberlin | Rubea | Seibel | Seibel 2 (híbrida) |
  Seyve Willard (Tinta) | Varousset | Outras tintas`);
const WHITE_AMERICANAS =
  list(`Baco | BRS Lorena | BRS Tainá | Catawba | Couderc 13 | Dona Zilá | Goethe | Herbemont branca |
  Isabel branca | IAC 21-14 | Lenoir branca | Lydia | Martha | Mistura de uvas brancas | Moscato Embrapa | Niágara Branca |
  Niágara Rosada | Noah | Seibel branca | Seyve Willard | Seyval | Vênus branca | Villard | Vidal | Outras brancas`);

export const VINIFERAS: readonly Section[] = [
  { control: 'TINTAS', title: 'TINTAS', prefix: 'ti_', products: RED_VINIFERAS, magnitude: 3e5 },
  { control: 'BRANCAS', title: 'BRANCAS E ROSADAS', prefix: 'br_', products: WHITE_VINIFERAS, magnitude: 3e5 },
];
export const AMERICANAS: readonly Section[] = [
  { control: 'TINTAS', title: 'TINTAS', prefix: 'ti_', products: RED_AMERICANAS, magnitude: 6e6 },
  { control: 'BRANCASEROSADAS', title: 'BRANCAS E ROSADAS', prefix: 'br_', products: WHITE_AMERICANAS, magnitude: 2e6 },
];
export const TABLE_GRAPES: readonly Section[] = [
  {
    control: 'TINTAS',
    title: 'TINTAS',
    prefix: 'ti_',
    products: list('Alphonse Lavallée | Moscato de Hamburgo'),
    magnitude: 4e4,
  },
  {
    control: 'BRANCAS',
    title: 'BRANCAS',
    prefix: 'br_',
    products: list('Cardinal | Golden Queen | Itália | Patrícia | Perlona | Rubi (Itália, Rosada)'),
    magnitude: 9e4,
  },
];
/** The one file without sections. */
export const UNCLASSIFIED: readonly Section[] = [
  { control: 'sc', title: 'Sem classificação', prefix: 'sc', products: [], magnitude: 4e5 },
];

/** Names as uneven as the source's: commas, missing accents, a stray `Africa` beside `África do Sul`. */
export const COUNTRIES =
  list(`Afeganistão | Africa | África do Sul | Albânia | Alemanha | Alemanha, República Democrática | Andorra |
  Angola | Anguilla | Antígua e Barbuda | Antilhas Holandesas | Arábia Saudita | Argélia | Argentina | Armênia | Aruba |
  Austrália | Áustria | Bahamas | Bangladesh | Barbados | Barein | Bélgica | Belize | Benin | Bermudas | Bolívia |
  Bósnia-Herzegovina | Brasil | Bulgária | Burquina Faso | Cabo Verde | Camarões | Camboja | Canada | Catar | Cayman, Ilhas |
  Cazaquistão | Chade | Chile | China | Chipre | Cingapura | Colômbia | Comores | Congo | Coreia do Norte, República |
  Coreia do Sul, República | Costa do Marfim | Costa Rica | Croácia | Cuba | Curaçao | Dinamarca | Dominica | Egito |
  El Salvador | Emirados Árabes Unidos | Equador | Eslováquia | Eslovênia | Espanha | Estados Unidos | Estônia | Etiópia |
  Filipinas | Finlândia | França | Gabão | Gâmbia | Gana | Geórgia | Gibraltar | Granada | Grécia | Guadalupe | Guatemala |
  Guiana | Guiana Francesa | Guiné | Guiné Bissau | Guiné Equatorial | Haiti | Honduras | Hong Kong | Hungria | Iêmen |
  Ilha de Man | Ilhas Virgens | Índia | Indonésia | Irã | Iraque | Irlanda | Islândia | Israel | itália | Jamaica | Japão |
  Jordânia | Kuwait | Letônia | Líbano | Libéria | Líbia | Lituânia | Luxemburgo | Macau | Madagascar | Malásia | Maldivas |
  Malta | Marrocos | Marshall, Ilhas | Martinica | Maurício | Mauritânia | México | Moçambique | Mônaco | Namíbia |
  Nicarágua | Nigéria | Noruega | Nova Caledônia | Nova Zelândia | Omã | Países Baixos (Holanda) | Panamá | Paquistão |
  Paraguai | Peru | Polônia | Porto Rico | Portugal | Quênia | Reino Unido |  República Dominicana | República Tcheca |
  Romênia | Rússia | Senegal | Serra Leoa | Suécia | Suíça | Suriname | Tailândia | Taiwan (Formosa) | Trinidade Tobago |
  Tunísia | Turquia | Ucrânia | Uruguai | Vanuatu | Venezuela | Vietnã`);
