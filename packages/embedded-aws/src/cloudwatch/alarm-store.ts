import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';
import type { AlarmJudgement, JudgedAlarm } from './alarm-judge.ts';
import { judge } from './alarm-judge.ts';
import { type AlarmRule, type AlarmState, readAlarmRule } from './alarm-rule.ts';
import type { MetricStore } from './metric-store.ts';

type Actions = {
  ActionsEnabled: boolean;
  AlarmActions: readonly string[];
  OKActions: readonly string[];
  InsufficientDataActions: readonly string[];
};
export type AlarmDefinition = Actions & { AlarmName: string; AlarmDescription?: string } & (
    | { kind: 'metric'; judged: JudgedAlarm; given: Readonly<Record<string, unknown>> }
    | { kind: 'composite'; AlarmRule: string }
  );
export type Alarm = AlarmDefinition & {
  state: AlarmState;
  reason: string;
  /** ms since the epoch: when the reason was last written, the state last changed, the definition last put. */
  updated: number;
  changed: number;
  configured: number;
};
export type HistoryItem = {
  alarm: string;
  kind: Alarm['kind'];
  at: number;
  type: 'ConfigurationUpdate' | 'StateUpdate';
  summary: string;
  data: object;
};

const MOST_HISTORY = 1000;

/**
 * Alarms and what became of them, in a file under `dir`. `evaluate` judges them all by what was measured; a state that
 * changes is told to `onChange`.
 */
export const openAlarmStore = (options: {
  dir: string;
  metrics: MetricStore;
  /** Before this nothing could be measured. */
  since: number;
  speed: number;
  now: () => number;
  onChange?: (alarm: Alarm, from: AlarmState) => void;
}) => {
  const { dir, metrics, since, speed, now, onChange } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'alarms.json');
  const kept: { alarms: Alarm[]; history: HistoryItem[] } = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { alarms: [], history: [] };
  const alarms = new Map(kept.alarms.map((alarm) => [alarm.AlarmName, alarm]));
  let { history } = kept;
  const save = () => writeAtomically(path, JSON.stringify({ alarms: [...alarms.values()], history }));
  const note = ({ AlarmName, kind }: AlarmDefinition, type: HistoryItem['type'], summary: string, data: object) => {
    history = [{ alarm: AlarmName, kind, at: now(), type, summary, data }, ...history].slice(0, MOST_HISTORY);
  };
  const rules = new Map<string, AlarmRule>();
  const ruleOf = (text: string): AlarmRule => {
    const rule = rules.get(text) ?? readAlarmRule(text);
    rules.set(text, rule);
    return rule;
  };

  const setState = (alarm: Alarm, state: AlarmState, reason: string): void => {
    const { state: from, reason: before } = alarm;
    if (state === from && reason === before) return;
    const at = now();
    const changed: Alarm = { ...alarm, state, reason, updated: at, ...(state !== from && { changed: at }) };
    alarms.set(alarm.AlarmName, changed);
    if (state === from) return;
    note(alarm, 'StateUpdate', `Alarm updated from ${from} to ${state}`, {
      version: '1.0',
      oldState: { stateValue: from, stateReason: before },
      newState: { stateValue: state, stateReason: reason },
    });
    save();
    onChange?.(changed, from);
  };

  const judgeComposite = (alarm: Alarm & { kind: 'composite' }): AlarmJudgement => {
    const rule = ruleOf(alarm.AlarmRule);
    const stateOf = (name: string): AlarmState => alarms.get(name)?.state ?? 'INSUFFICIENT_DATA';
    const red = rule.names.filter((name) => stateOf(name) === 'ALARM');
    if (rule.holds(stateOf))
      return { state: 'ALARM', reason: `The rule holds: ${red.join(', ') || 'nothing'} in ALARM.` };
    return { state: 'OK', reason: `The rule does not hold: ${red.join(', ') || 'nothing'} in ALARM.` };
  };

  return {
    list: (): Alarm[] => [...alarms.values()].sort((a, b) => (a.AlarmName < b.AlarmName ? -1 : 1)),
    get: (name: string) => alarms.get(name),
    history: (): readonly HistoryItem[] => history,
    ruleOf,
    /** Keeps the state of one that is there already. */
    put(definition: AlarmDefinition): void {
      const there = alarms.get(definition.AlarmName);
      const at = now();
      const state = there ?? {
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        updated: at,
        changed: at,
      };
      const { state: value, reason, updated, changed } = state;
      const next: Alarm = { ...definition, state: value as AlarmState, reason, updated, changed, configured: at };
      const { configured: _, ...before } = there ?? next;
      const { configured: __, ...after } = next;
      if (there && JSON.stringify(before) === JSON.stringify(after)) return;
      alarms.set(definition.AlarmName, next);
      note(definition, 'ConfigurationUpdate', `Alarm "${definition.AlarmName}" ${there ? 'updated' : 'created'}`, {});
      save();
    },
    remove(names: readonly string[]): void {
      for (const name of names) alarms.delete(name);
      save();
    },
    setState,
    evaluate(): void {
      const at = now();
      for (const alarm of alarms.values()) {
        if (alarm.kind !== 'metric') continue;
        const judgement = judge(metrics, alarm.judged, { now: at, since, speed });
        if (judgement) setState(alarm, judgement.state, judgement.reason);
      }
      for (const alarm of alarms.values()) {
        if (alarm.kind !== 'composite') continue;
        const { state, reason } = judgeComposite(alarm);
        setState(alarm, state, reason);
      }
    },
  };
};

export type AlarmStore = ReturnType<typeof openAlarmStore>;
