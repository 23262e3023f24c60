import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPublicAddress } from './public-address.ts';

const v4 = (bits: number): string => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
const within = (net: string, length: number) =>
  fc
    .nat(2 ** (32 - length) - 1)
    .map((rest) => v4(net.split('.').reduce((all, part) => all * 256 + Number(part), 0) + rest));
const group = fc.nat(0xffff).map((value) => value.toString(16));

describe('A public address', () => {
  it.each([
    '8.8.8.8',
    '93.184.215.14',
    '200.202.168.10',
    '172.15.255.255',
    '172.32.0.0',
    '100.128.0.0',
    '223.255.255.255',
  ])('may be %s', (address) => expect(isPublicAddress(address)).toBe(true));
  it.each(['2001:4860:4860::8888', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '64:ff9b::8.8.8.8', '::ffff:8.8.8.8'])(
    'may be %s in IPv6',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
  it.each([
    ...[
      '::',
      '::1',
      'fe80::1',
      'fe80::1%eth0',
      'fd00::1',
      'fc00::',
      'ff02::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '2001::1',
    ],
    ...[
      '::127.0.0.1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::10.0.0.1',
      '64:ff9b:1::8.8.8.8',
      'fec0::1',
      '3fff::1',
    ],
    ...['', 'localhost', 'example.org', '127.1', '0x7f.0.0.1', '2130706433', '1.2.3.4.5', '[::1]', '300.1.1.1'],
  ])('is never %p', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ] as const)('lies nowhere in %s/%d, nor mapped into IPv6', (net, length) => {
    fc.assert(
      fc.property(within(net, length), (address) => {
        expect(isPublicAddress(address)).toBe(false);
        expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
        expect(isPublicAddress(`64:ff9b::${address}`)).toBe(false);
      }),
    );
  });

  it('is global unicast when it is IPv6, however it is written', () => {
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const first = Number.parseInt(groups[0]!, 16);
        if (isPublicAddress(groups.join(':')))
          expect(first >> 13 === 1 || groups.slice(0, 5).every((g) => g === '0')).toBe(true);
        expect(isPublicAddress(groups.join(':').toUpperCase())).toBe(isPublicAddress(groups.join(':')));
      }),
    );
  });

  it('is the same address mapped into IPv6 as it is in IPv4', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (bits) => {
        expect(isPublicAddress(`::ffff:${v4(bits)}`)).toBe(isPublicAddress(v4(bits)));
      }),
    );
  });
});
