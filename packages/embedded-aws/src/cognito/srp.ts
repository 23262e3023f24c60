import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

// Secure Remote Password as Cognito speaks it: RFC 5054's 3072-bit prime with generator 2, SHA-256, and numbers hashed
// as the two's complement bytes that Java writes (a leading zero where the first bit is set). No package has the
// server's side of it.
const PRIME = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6D' +
    'F25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D' +
    'C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08' +
    'CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510' +
    '15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E0' +
    '4A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB31' +
    '43DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
);
const GENERATOR = 2n;
const KEY_INFO = 'Caldera Derived Key';

const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let square = base % PRIME, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % PRIME)
    if (rest & 1n) result = (result * square) % PRIME;
  return result;
};

const bytesOf = (number: bigint): Buffer => {
  const hex = number.toString(16);
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
};
const sha256 = (...parts: (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

const MULTIPLIER = numberOf(sha256(bytesOf(PRIME), bytesOf(GENERATOR)));

/**
 * The same for a user at each sign-in, and for a name that nobody has. Some clients drop a first byte of zero, so it is
 * never zero.
 */
const saltOf = (poolId: string, userId: string): bigint => {
  const salt = sha256(`srp-salt:${poolId}:${userId}`).subarray(0, 16);
  salt[0]! |= 1;
  return numberOf(salt);
};

export type SrpAnswer = { signature: string; timestamp: string };
export type SrpChallenge = {
  /** What `PASSWORD_VERIFIER` tells the client. */
  parameters: Record<'SALT' | 'SECRET_BLOCK' | 'SRP_B' | 'USERNAME' | 'USER_ID_FOR_SRP', string>;
  /** Whether the client that was asked knows the password. */
  isProved(answer: SrpAnswer): boolean;
};

/**
 * Undefined when the client's A is none: not hexadecimal, or a multiple of the prime, by which anybody would know the
 * key.
 */
export const challengeBySrp = (user: {
  poolId: string;
  userId: string;
  password: string;
  srpA: string;
}): SrpChallenge | undefined => {
  const { poolId, userId, password, srpA } = user;
  const clients = /^[0-9a-f]{1,1024}$/i.test(srpA) ? BigInt(`0x${srpA}`) : 0n;
  if (clients % PRIME === 0n) return undefined;
  const poolName = poolId.slice(poolId.indexOf('_') + 1);
  const salt = saltOf(poolId, userId);
  const verifier = power(GENERATOR, numberOf(sha256(bytesOf(salt), sha256(`${poolName}${userId}:${password}`))));
  const secret = numberOf(randomBytes(32));
  const ours = (MULTIPLIER * verifier + power(GENERATOR, secret)) % PRIME;
  const secretBlock = randomBytes(256).toString('base64');

  const isProved = (answer: SrpAnswer): boolean => {
    const scramble = sha256(bytesOf(clients), bytesOf(ours));
    const shared = power(clients * power(verifier, numberOf(scramble)), secret);
    const key = hkdfSync('sha256', bytesOf(shared), bytesOf(numberOf(scramble)), KEY_INFO, 16);
    const expected = createHmac('sha256', Buffer.from(key))
      .update(`${poolName}${userId}`)
      .update(Buffer.from(secretBlock, 'base64'))
      .update(answer.timestamp)
      .digest();
    const signature = Buffer.from(answer.signature, 'base64');
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  };
  const parameters = {
    SALT: salt.toString(16),
    SECRET_BLOCK: secretBlock,
    SRP_B: ours.toString(16),
    USERNAME: userId,
    USER_ID_FOR_SRP: userId,
  };
  return { parameters, isProved };
};
