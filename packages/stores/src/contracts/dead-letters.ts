import type { PartQueue } from '@granary/domain/messages/part';
import type { DeadLetters } from '@granary/domain/ports/dead-letters';
import { describe, expect, it } from '@jest/globals';

export type DeadLettersUnderTest = {
  letters: DeadLetters;
  /** Puts bodies among the dead letters of a queue. */
  add(queue: PartQueue, bodies: readonly string[]): Promise<void>;
  /** Bodies that can be received from the queue itself by now. */
  arrived(queue: PartQueue): Promise<string[]>;
};

/** What every DeadLetters does. `make` gives one without any. */
export const deadLettersContract = (name: string, make: () => Promise<DeadLettersUnderTest>): void => {
  const bodies = (count: number) => Array.from({ length: count }, (_, index) => `letter ${index}`);
  const sorted = (all: readonly { body: string }[]) => all.map(({ body }) => body).sort();
  const some = { limit: 100, hide_s: 60 };

  describe(`${name} as DeadLetters`, () => {
    it('gives all letters of a queue, more than a batch of them, and hides them meanwhile', async () => {
      const { letters, add } = await make();
      await add('collect', bodies(25));
      await add('fetch-users', ['other']);
      expect(await letters.count('collect')).toBe(25);
      const received = await letters.receive('collect', some);
      expect(sorted(received)).toEqual(bodies(25).sort());
      expect(new Set(received.map(({ id }) => id)).size).toBe(25);
      for (const letter of received) {
        expect(letter).toMatchObject({ queue: 'collect', receives: expect.any(Number) });
        expect(Date.parse(letter.sent_at)).toBeGreaterThan(0);
      }
      expect(await letters.receive('collect', some)).toEqual([]);
      expect(await letters.count('collect')).toBe(25);
      expect(sorted(await letters.receive('fetch-users', some))).toEqual(['other']);
    });

    it('gives no more than it is asked for', async () => {
      const { letters, add } = await make();
      await add('collect', bodies(15));
      expect(await letters.receive('collect', { ...some, limit: 12 })).toHaveLength(12);
      expect(await letters.receive('collect', some)).toHaveLength(3);
    });

    it('lets others see at once what was released', async () => {
      const { letters, add } = await make();
      await add('collect', bodies(12));
      const first = await letters.receive('collect', some);
      await letters.release(first);
      const second = await letters.receive('collect', some);
      expect(sorted(second)).toEqual(sorted(first));
      expect(second.map(({ id }) => id).sort()).toEqual(first.map(({ id }) => id).sort());
      expect(second[0]!.receives).toBeGreaterThan(first.find(({ id }) => id === second[0]!.id)!.receives);
    });

    it('sends letters to the queues they came from, with new bodies, and keeps them no longer', async () => {
      const { letters, add, arrived } = await make();
      await add('collect', bodies(12));
      await add('fetch-users', ['page']);
      const all = [...(await letters.receive('collect', some)), ...(await letters.receive('fetch-users', some))];
      const kept = all.find(({ body }) => body === 'letter 3')!;
      const redriven = all.filter((letter) => letter !== kept);
      await letters.redrive(redriven.map((letter) => ({ letter, body: `${letter.body} again`, delay_s: 0 })));
      await letters.release([kept]);
      const expected = bodies(12).filter((body) => body !== kept.body);
      expect((await arrived('collect')).sort()).toEqual(expected.map((body) => `${body} again`).sort());
      expect(await arrived('fetch-users')).toEqual(['page again']);
      expect(sorted(await letters.receive('collect', some))).toEqual([kept.body]);
      expect(await letters.count('fetch-users')).toBe(0);
    });

    it('delays what is to come later', async () => {
      const { letters, add, arrived } = await make();
      await add('collect', bodies(2));
      const received = await letters.receive('collect', some);
      await letters.redrive(received.map((letter, index) => ({ letter, body: letter.body, delay_s: index * 900 })));
      expect(await arrived('collect')).toEqual([received[0]!.body]);
      expect(await letters.count('collect')).toBe(0);
    });
  });
};
