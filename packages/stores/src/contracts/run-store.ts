/** Long: one suite of all that a run store has to do, which every adapter is put to. */
import { type RunStore, VERSIONS_LISTED } from '@granary/domain/ports/run-store';
import { NO_COUNTS, type PartOutcome, type Run } from '@granary/domain/run';
import { NO_USERS, type UserCounts } from '@granary/domain/user';
import { describe, expect, it } from '@jest/globals';

/** What every RunStore does. `make` gives an empty one that reads this clock (ms since the epoch). */
export const runStoreContract = (name: string, make: (now: () => number) => Promise<RunStore>): void => {
  const T0 = Date.parse('2026-11-20T08:00:00.000Z');
  const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();
  const run = (id: string, overrides: Partial<Run> = {}): Run => ({
    id,
    kind: 'collect',
    source: 'office',
    state: 'running',
    started_at: at(0),
    ended_at: null,
    duration_s: null,
    parts: 2,
    parts_done: 0,
    counts: NO_COUNTS,
    versions: [],
    errors: [],
    cost_usd_estimate: 0,
    lease_until: at(900),
    ...overrides,
  });
  const done = (part: number, rows = 5): PartOutcome => ({
    part,
    counts: { ...NO_COUNTS, requests: 1, rows_read: rows, rows_published: rows },
    versions: [`a_b@${part}`],
    gb_ms: 1000,
  });
  const failed = (part: number): PartOutcome => ({
    part,
    counts: { ...NO_COUNTS, requests: 1, errors: 1 },
    versions: [],
    error: { dataset: 'a_b', url: 'http://example.test/', message: 'No', at: at(1) },
  });

  describe(`${name} as a RunStore`, () => {
    it('runs a source once at a time', async () => {
      const runs = await make(() => T0);
      expect(await runs.start(run('one'))).toEqual({ started: true });
      expect(await runs.start(run('two'))).toMatchObject({ started: false, running: { id: 'one' }, sent: false });
      expect(await runs.getRun('two')).toBeUndefined();
      expect(await runs.start(run('other', { source: 'elsewhere' }))).toEqual({ started: true });
      const [a, b] = await Promise.all(['three', 'four'].map((id) => runs.start(run(id, { source: 'third' }))));
      expect([a!.started, b!.started].sort()).toEqual([false, true]);
    });

    it('keeps what a run makes again of stored bytes, which does not keep its source from running', async () => {
      const runs = await make(() => T0);
      const replays = { dataset: 'a_b' };
      const again = (id: string, of: object = replays) => runs.start(run(id, { replays: of as typeof replays }));
      await runs.start(run('one'));
      expect(await again('two')).toEqual({ started: true });
      expect(await runs.getRun('two')).toMatchObject({ replays, source: 'office' });
      expect(await again('three')).toMatchObject({ started: false, running: { id: 'two' }, sent: false });
      await runs.markSent(run('two', { replays }));
      expect(await again('three')).toMatchObject({ started: false, running: { id: 'two' }, sent: true });
      expect(await again('four', { dataset: 'a_b', version: 3 })).toEqual({ started: true });
      expect(await runs.lastStart('office')).toMatchObject({ run: 'one' });
      expect([...(await runs.closeOverdue(at(901)))].sort()).toEqual(['four', 'one', 'two']);
    });

    it('remembers whether the messages of the newest run were sent', async () => {
      const runs = await make(() => T0);
      expect(await runs.lastStart('office')).toBeUndefined();
      await runs.start(run('one'));
      expect(await runs.lastStart('office')).toEqual({ run: 'one', at: at(0), sent: false });
      await runs.markSent(run('other'));
      expect((await runs.lastStart('office'))!.sent).toBe(false);
      await runs.markSent(run('one'));
      expect((await runs.lastStart('office'))!.sent).toBe(true);
      expect(await runs.start(run('two'))).toMatchObject({ started: false, sent: true });
    });

    it('counts a part once, however often it ends, and closes with the last', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one'));
      expect(await runs.partState('one', 1)).toBe('open');
      expect(await runs.endPart('one', done(1), at(3))).toBe(true);
      expect(await runs.endPart('one', done(1), at(4))).toBe(false);
      expect(await runs.partState('one', 1)).toBe('ended');
      expect(await runs.getRun('one')).toMatchObject({ state: 'running', parts_done: 1, counts: { rows_read: 5 } });
      expect(await runs.endPart('one', done(2), at(7))).toBe(true);
      const ended = (await runs.getRun('one'))!;
      expect(ended).toMatchObject({
        state: 'succeeded',
        ended_at: at(7),
        duration_s: 7,
        parts_done: 2,
        counts: { ...NO_COUNTS, requests: 2, rows_read: 10, rows_published: 10 },
        versions: ['a_b@1', 'a_b@2'],
        errors: [],
      });
      expect(ended.cost_usd_estimate).toBeGreaterThan(0);
      expect(await runs.start(run('two'))).toEqual({ started: true });
    });

    it('counts each of many parts that end at the same time', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one', { parts: 20 }));
      const twice = Array.from({ length: 40 }, (_, index) => done((index % 20) + 1, 1));
      const ended = await Promise.all(twice.map((outcome) => runs.endPart('one', outcome, at(1))));
      expect(ended.filter(Boolean)).toHaveLength(20);
      expect(await runs.getRun('one')).toMatchObject({ state: 'succeeded', parts_done: 20, counts: { rows_read: 20 } });
    });

    it('is partial when some parts failed and failed when all did', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one'));
      await runs.endPart('one', failed(1), at(1));
      await runs.endPart('one', done(2), at(2));
      expect(await runs.getRun('one')).toMatchObject({
        state: 'partial',
        errors: [{ part: 1, dataset: 'a_b', message: 'No' }],
      });
      await runs.start(run('two', { started_at: at(10) }));
      await runs.endPart('two', failed(1), at(11));
      await runs.endPart('two', failed(2), at(12));
      expect(await runs.getRun('two')).toMatchObject({ state: 'failed', counts: { errors: 2 } });
    });

    it('goes on while parts find further parts', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one', { parts: 1 }));
      await runs.endPart('one', { ...done(1), parts_found: 2 }, at(1));
      expect(await runs.getRun('one')).toMatchObject({ state: 'running', parts: 3, parts_done: 1 });
      await runs.endPart('one', done(2), at(2));
      await runs.endPart('one', done(3), at(3));
      expect(await runs.getRun('one')).toMatchObject({ state: 'succeeded', parts: 3 });
    });

    it('numbers the parts that others find, one block behind the other, and gives none twice', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one', { parts: 2 }));
      expect(await runs.foundParts('one')).toEqual([]);
      expect(await runs.endPart('one', { ...done(2), parts_found: 3 }, at(1))).toBe(true);
      expect(await runs.endPart('one', { ...done(2), parts_found: 3 }, at(1))).toBe(false);
      await runs.endPart('one', failed(1), at(2));
      expect(await runs.mendPart('one', { ...done(1), parts_found: 1 }, at(3))).toBe(true);
      expect(await runs.foundParts('one')).toEqual([
        { by: 2, first: 3, count: 3 },
        { by: 1, first: 6, count: 1 },
      ]);
      expect(await runs.getRun('one')).toMatchObject({ state: 'running', parts: 6, parts_done: 2 });
      expect(await runs.openParts('one', [1, 2, 3, 6])).toEqual([3, 6]);
      expect(await runs.foundParts('none')).toEqual([]);
      expect(await runs.openParts('none', [1])).toEqual([1]);
    });

    it('numbers what many parts find at the same time, without a gap', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one', { parts: 8 }));
      const pages = [1, 2, 3, 4, 5, 6, 7, 8];
      await Promise.all(
        pages.flatMap((part) => [1, 2].map(() => runs.endPart('one', { ...done(part), parts_found: part }, at(1)))),
      );
      const blocks = await runs.foundParts('one');
      expect(blocks.map(({ by, count }) => [by, count]).sort((a, b) => a[0]! - b[0]!)).toEqual(
        pages.map((part) => [part, part]),
      );
      const numbers = blocks.flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index));
      expect(numbers).toEqual(Array.from({ length: 36 }, (_, index) => 9 + index));
      expect((await runs.getRun('one'))!.parts).toBe(44);
    });

    it('keeps all versions of a run that has many, and lists the first of them', async () => {
      const runs = await make(() => T0);
      const parts = 3 * VERSIONS_LISTED;
      await runs.start(run('one', { parts }));
      await runs.endPart('one', failed(parts), at(1));
      for (let first = 1; first < parts; first += 50) {
        const some = Array.from({ length: Math.min(50, parts - first) }, (_, index) => first + index);
        await Promise.all(some.map((part) => runs.endPart('one', done(part), at(1))));
      }
      expect(await runs.endPart('one', done(7), at(2))).toBe(false);
      expect(await runs.mendPart('one', done(parts), at(3))).toBe(true);
      expect(await runs.mendPart('one', done(parts), at(3))).toBe(false);
      const shown = (await runs.getRun('one'))!;
      expect(shown).toMatchObject({ state: 'succeeded', parts_done: parts, counts: { rows_read: parts * 5 } });
      expect(new Set(shown.versions)).toEqual(new Set(Array.from({ length: parts }, (_, index) => `a_b@${index + 1}`)));
      const [listed] = (await runs.listRuns({ limit: 1 })).runs;
      expect(listed!.versions.length).toBeGreaterThanOrEqual(VERSIONS_LISTED);
      expect(listed!.versions.length).toBeLessThan(VERSIONS_LISTED + 60);
    });

    it('keeps the versions of parts that have many of them, also of one that failed in part', async () => {
      const runs = await make(() => T0);
      const parts = 9;
      await runs.start(run('one', { parts }));
      const versions = (part: number) => Array.from({ length: 90 }, (_, table) => `a_b_${part}_${table}@1`);
      for (let part = 1; part <= parts; part++) {
        const { error } = failed(part);
        await runs.endPart('one', { ...done(part), versions: versions(part), ...(part > 7 && { error }) }, at(1));
      }
      const all = new Set(Array.from({ length: parts }, (_, index) => versions(index + 1)).flat());
      expect(new Set((await runs.getRun('one'))!.versions)).toEqual(all);
      expect(await runs.mendPart('one', { ...done(8), versions: [...versions(8), 'a_b@2'] }, at(2))).toBe(true);
      expect(new Set((await runs.getRun('one'))!.versions)).toEqual(new Set([...all, 'a_b@2']));
      expect(await runs.getRun('one')).toMatchObject({ state: 'partial', parts_done: parts });
    });

    it('ends parts that failed in part though neither their errors nor their versions find room', async () => {
      const runs = await make(() => T0);
      const versions = (part: number) => Array.from({ length: 6 }, (_, table) => `a_b_${part}_${table}@1`);
      const parts = 56;
      await runs.start(run('one', { parts }));
      for (let part = 1; part <= parts; part++) {
        const of = part === parts ? [`a_b_${part}@1`] : versions(part);
        expect([part, await runs.endPart('one', { ...failed(part), versions: of }, at(1))]).toEqual([part, true]);
      }
      const shown = (await runs.getRun('one'))!;
      expect(shown).toMatchObject({ state: 'partial', parts_done: parts, counts: { errors: parts } });
      expect(shown.versions).toHaveLength((parts - 1) * 6 + 1);
    });

    it('judges a run partial whose only part failed and published something', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one', { parts: 1 }));
      await runs.endPart('one', { ...failed(1), versions: ['a_b@1'] }, at(1));
      expect(await runs.getRun('one')).toMatchObject({ state: 'partial', versions: ['a_b@1'] });
    });

    it('keeps the first fifty errors and counts them all', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one', { parts: 60 }));
      for (let part = 1; part <= 60; part++) await runs.endPart('one', failed(part), at(1));
      const ended = (await runs.getRun('one'))!;
      expect(ended.errors).toHaveLength(50);
      expect(ended).toMatchObject({ state: 'failed', counts: { errors: 60 } });
    });

    it('does nothing for a run that does not exist', async () => {
      const runs = await make(() => T0);
      expect(await runs.endPart('none', done(1), at(1))).toBe(false);
      expect(await runs.partState('none', 1)).toBe('open');
      await runs.extendLease('none', at(1));
      await runs.settle('none', at(1));
      expect(await runs.getRun('none')).toBeUndefined();
    });

    it('fails a run whose lease is over, and lets its source run again', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one'));
      await runs.endPart('one', done(1), at(1));
      await runs.extendLease('one', at(2000));
      await runs.extendLease('one', at(1000));
      expect(await runs.closeOverdue(at(1999))).toEqual([]);
      expect(await runs.closeOverdue(at(2001))).toEqual(['one']);
      expect(await runs.closeOverdue(at(2002))).toEqual([]);
      const closed = (await runs.getRun('one'))!;
      expect(closed).toMatchObject({ state: 'partial', ended_at: at(2001), errors: [{ part: 0 }] });
      expect(closed.errors[0]!.message).toContain('1 of 2 parts');
      await runs.extendLease('one', at(9999));
      expect((await runs.getRun('one'))!.lease_until).toBe(at(2000));
      expect(await runs.start(run('two', { started_at: at(2002) }))).toEqual({ started: true });
    });

    it('closes an overdue run when its source starts again', async () => {
      let now = T0;
      const runs = await make(() => now);
      await runs.start(run('one'));
      now = T0 + 1_000_000;
      expect(await runs.start(run('two', { started_at: at(1000), lease_until: at(1900) }))).toEqual({ started: true });
      expect(await runs.getRun('one')).toMatchObject({ state: 'failed' });
    });

    it('lists runs, newest first, by pages, of one kind or of all', async () => {
      const runs = await make(() => T0);
      for (let index = 0; index < 7; index++) {
        const kind = index % 3 === 0 ? 'users' : 'collect';
        await runs.start(run(`r${index}`, { kind, source: `s${index}`, started_at: at(index) }));
      }
      const first = await runs.listRuns({ limit: 4 });
      expect(first.runs.map(({ id }) => id)).toEqual(['r6', 'r5', 'r4', 'r3']);
      const second = await runs.listRuns({ limit: 4, before: first.next! });
      expect(second.runs.map(({ id }) => id)).toEqual(['r2', 'r1', 'r0']);
      expect(second.next).toBeNull();
      const users = await runs.listRuns({ kind: 'users', limit: 10 });
      expect(users.runs.map(({ id }) => id)).toEqual(['r6', 'r3', 'r0']);
    });

    describe('with parts that failed', () => {
      const page = (part: number, users: UserCounts): PartOutcome => ({
        part,
        counts: { ...NO_COUNTS, requests: 1 },
        versions: [],
        users,
      });

      it('keeps why each failed, also beyond the first fifty', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one', { parts: 60 }));
        for (let part = 1; part <= 60; part++) {
          const answer = { host: 'example.test', status: 404, content: `page ${part}` };
          const outcome = failed(part);
          await runs.endPart('one', { ...outcome, receives: 3, error: { ...outcome.error!, answer } }, at(1));
        }
        await runs.endPart('none', failed(1), at(1));
        expect(await runs.failuresOf('one', [55, 55, 7, 99])).toEqual([
          {
            part: 55,
            receives: 3,
            error: { ...failed(55).error, answer: expect.objectContaining({ content: 'page 55' }) },
          },
          {
            part: 7,
            receives: 3,
            error: { ...failed(7).error, answer: expect.objectContaining({ content: 'page 7' }) },
          },
        ]);
        expect(await runs.failuresOf('none', [1])).toEqual([]);
        expect(await runs.partState('one', 55)).toBe('failed');
        expect((await runs.getRun('one'))!.errors[0]).toMatchObject({ part: 1, answer: { content: 'page 1' } });
      });

      it('tells of those that are left when the first fifty were mended, in whatever order', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one', { parts: 70 }));
        for (let part = 1; part <= 60; part++) await runs.endPart('one', failed(part), at(1));
        const told = async () => (await runs.getRun('one'))!.errors.map(({ part }) => part).sort((a, b) => a - b);
        for (const part of [50, 3, 57, 1]) await runs.mendPart('one', done(part, 0), at(2));
        const left = Array.from({ length: 60 }, (_, index) => index + 1).filter(
          (part) => ![50, 3, 57, 1].includes(part),
        );
        expect(await told()).toHaveLength(50);
        expect(new Set(await told()).size).toBe(50);
        expect(left).toEqual(expect.arrayContaining(await told()));
        await Promise.all(left.slice(0, 46).map((part) => runs.mendPart('one', done(part, 0), at(3))));
        expect(await told()).toEqual(left.slice(46));
        for (const part of left.slice(46).toReversed()) await runs.mendPart('one', done(part, 0), at(4));
        expect(await runs.getRun('one')).toMatchObject({ state: 'running', errors: [], counts: { errors: 0 } });
      });

      it('puts a success in the place of a failure, once', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one'));
        expect(await runs.mendPart('one', done(1), at(1))).toBe(false);
        await runs.endPart('one', failed(1), at(1));
        await runs.endPart('one', done(2), at(2));
        expect(await runs.getRun('one')).toMatchObject({ state: 'partial', ended_at: at(2) });
        expect(await runs.mendPart('one', done(1), at(500))).toBe(true);
        expect(await runs.mendPart('one', done(1), at(501))).toBe(false);
        expect(await runs.endPart('one', failed(1), at(502))).toBe(false);
        expect(await runs.getRun('one')).toMatchObject({
          state: 'succeeded',
          ended_at: at(2),
          duration_s: 2,
          parts_done: 2,
          counts: { ...NO_COUNTS, requests: 3, rows_read: 10, rows_published: 10 },
          versions: ['a_b@1', 'a_b@2'],
          errors: [],
        });
        expect(await runs.partState('one', 1)).toBe('ended');
        expect(await runs.failuresOf('one', [1, 2])).toEqual([]);
      });

      it('mends a part of a run that goes on, which then ends well', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one'));
        await runs.endPart('one', failed(1), at(1));
        await runs.mendPart('one', done(1), at(2));
        expect(await runs.getRun('one')).toMatchObject({ state: 'running', parts_done: 1, errors: [] });
        await runs.endPart('one', done(2), at(3));
        expect(await runs.getRun('one')).toMatchObject({ state: 'succeeded', ended_at: at(3) });
      });

      it('judges anew with every part mended', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one'));
        await runs.endPart('one', failed(1), at(1));
        await runs.endPart('one', failed(2), at(2));
        expect((await runs.getRun('one'))!.state).toBe('failed');
        await runs.mendPart('one', done(2), at(3));
        expect(await runs.getRun('one')).toMatchObject({ state: 'partial', errors: [{ part: 1 }] });
        await Promise.all([1, 1, 1].map((part) => runs.mendPart('one', done(part), at(4))));
        expect(await runs.getRun('one')).toMatchObject({ state: 'succeeded', counts: { errors: 0, rows_read: 10 } });
      });

      it('remembers the newest reason of a part that fails again, and counts it once', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one'));
        await runs.endPart('one', failed(1), at(1));
        const again = { ...failed(1).error!, message: 'Still not', at: at(90) };
        expect(await runs.endPart('one', { ...failed(1), error: again, receives: 3 }, at(90))).toBe(false);
        expect(await runs.failuresOf('one', [1])).toEqual([{ part: 1, error: again, receives: 3 }]);
        expect(await runs.getRun('one')).toMatchObject({ counts: { errors: 1, requests: 1 } });
      });

      it('counts users new, overwritten and failed, and takes back what a failure had counted', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one', { kind: 'users', asked: { users: 130, size: 100 }, users: NO_USERS }));
        expect(await runs.getRun('one')).toMatchObject({ asked: { users: 130, size: 100 }, users: NO_USERS });
        await runs.endPart('one', page(2, { new: 28, overwritten: 2, failed: 0 }), at(1));
        await runs.endPart('one', { ...failed(1), users: { new: 60, overwritten: 0, failed: 40 } }, at(2));
        expect((await runs.getRun('one'))!.users).toEqual({ new: 88, overwritten: 2, failed: 40 });
        await runs.mendPart('one', page(1, { new: 99, overwritten: 1, failed: 0 }), at(3));
        const mended = (await runs.getRun('one'))!;
        expect(mended).toMatchObject({ state: 'succeeded', users: { new: 127, overwritten: 3, failed: 0 } });
        await runs.start(run('other', { source: 'elsewhere' }));
        const other = (await runs.getRun('other'))!;
        expect([other.users, other.asked]).toEqual([undefined, undefined]);
        expect(mended.cost_usd_estimate).toBeGreaterThan(130 * 4 * 0.625e-6);
      });

      it('takes a run that was closed as overdue for what its late parts make of it', async () => {
        const runs = await make(() => T0);
        await runs.start(run('one'));
        await runs.endPart('one', failed(1), at(1));
        expect(await runs.closeOverdue(at(901))).toEqual(['one']);
        expect(await runs.getRun('one')).toMatchObject({ state: 'failed', counts: { errors: 2 } });
        await runs.mendPart('one', done(1), at(950));
        expect(await runs.getRun('one')).toMatchObject({
          state: 'partial',
          counts: { errors: 1 },
          errors: [{ part: 0 }],
        });
        await runs.endPart('one', done(2), at(960));
        expect(await runs.getRun('one')).toMatchObject({
          state: 'succeeded',
          ended_at: at(901),
          counts: { errors: 0, rows_read: 10 },
          errors: [],
        });
      });
    });

    it('counts requests of deliveries that ended no part', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one'));
      await runs.addRequests('one', 3);
      await runs.addRequests('one', 0);
      await runs.addRequests('none', 3);
      expect(await runs.getRun('one')).toMatchObject({ counts: { ...NO_COUNTS, requests: 3 } });
      expect(await runs.getRun('none')).toBeUndefined();
    });

    it('lets one say that a run has ended, and another if that one never did', async () => {
      const runs = await make(() => T0);
      await runs.start(run('one', { parts: 1 }));
      expect(await runs.claimAnnouncement('one', at(1), at(-60))).toBe(false);
      expect(await runs.claimAnnouncement('none', at(1), at(-60))).toBe(false);
      await runs.endPart('one', failed(1), at(2));
      const claims = await Promise.all([2, 2, 2].map((second) => runs.claimAnnouncement('one', at(second), at(-58))));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await runs.claimAnnouncement('one', at(30), at(-30))).toBe(false);
      expect(await runs.claimAnnouncement('one', at(90), at(30))).toBe(true);
      await runs.markAnnounced('one');
      await runs.markAnnounced('none');
      expect(await runs.getRun('none')).toBeUndefined();
      expect(await runs.claimAnnouncement('one', at(900), at(800))).toBe(false);
      await runs.mendPart('one', done(1), at(901));
      expect(await runs.claimAnnouncement('one', at(902), at(901))).toBe(false);
    });
  });
};
