/**
 * Which addresses of the internet a source may have. Fetching an address that a file or a redirect names would
 * otherwise let anybody reach what only we can reach: the instance's metadata, a database in the same network,
 * ourselves. Ranges: https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry.
 */
import { isIPv4, isIPv6 } from 'node:net';

const V4_RESERVED: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, and the metadata service
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
];

/** IPv6 that is not global unicast (2000::/3) is never public; within it, these are not either. */
const V6_RESERVED: readonly (readonly [string, number])[] = [
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: an IPv4 address in disguise
  ['3fff::', 20], // documentation
];

/** `address` is a literal IPv4 or IPv6 address, without brackets; anything else is not public. */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return isPublicV4(v4Bits(address));
  // A zone (`fe80::1%eth0`) only goes with addresses that are not public.
  if (!isIPv6(address) || address.includes('%')) return false;
  const bits = v6Bits(address);
  // ::ffff:0:0/96 (mapped) and 64:ff9b::/96 (NAT64) reach the IPv4 address in their last 32 bits.
  const high = bits >> 32n;
  if (high === 0xffffn || high === 0x0064ff9b_00000000_00000000n) return isPublicV4(Number(bits & 0xffff_ffffn));
  if (bits >> 125n !== 1n) return false;
  return !V6_RESERVED.some(([net, length]) => bits >> BigInt(128 - length) === v6Bits(net) >> BigInt(128 - length));
};

const isPublicV4 = (bits: number): boolean =>
  !V4_RESERVED.some(([net, length]) => bits >>> (32 - length) === v4Bits(net) >>> (32 - length));

const v4Bits = (address: string): number =>
  address.split('.').reduce((bits, part) => ((bits << 8) | Number(part)) >>> 0, 0);

const v6Bits = (address: string): bigint => {
  // A tail in IPv4 form (`::ffff:10.0.0.1`) is two groups.
  const plain = address.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const bits = v4Bits(v4);
    return `${(bits >>> 16).toString(16)}:${(bits & 0xffff).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
};
