import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';
import { AwsError } from '../aws-error.ts';
import { operation, type ServiceOperation } from '../json-service.ts';

type Dashboard = { body: string; modified: number };

const isJsonObject = (text: string): boolean => {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && Array.isArray(value.widgets);
  } catch {
    return false;
  }
};

/** CloudWatch's operations about dashboards: their bodies are kept as they were put, in a file under `dir`. */
export const dashboardOperations = (options: {
  dir: string;
  now: () => number;
  arnOf: (name: string) => string;
}): Record<string, ServiceOperation> => {
  const { dir, now, arnOf } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'dashboards.json');
  const dashboards: Record<string, Dashboard> = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const save = () => writeAtomically(path, JSON.stringify(dashboards));
  const find = (name: string): Dashboard => {
    if (Object.hasOwn(dashboards, name)) return dashboards[name]!;
    throw new AwsError('DashboardNotFoundError', `There is no dashboard ${name}.`, 404);
  };
  return {
    PutDashboard: operation({ DashboardName: 'text!', DashboardBody: 'text!' }, ({ DashboardName, DashboardBody }) => {
      if (!/^[A-Za-z0-9_-]{1,255}$/.test(DashboardName))
        throw new AwsError('InvalidParameterInput', 'DashboardName has letters, digits, - and _ alone, 255 at most.');
      if (!isJsonObject(DashboardBody))
        throw new AwsError('InvalidParameterInput', 'The dashboard body is invalid: it must be JSON with widgets.');
      dashboards[DashboardName] = { body: DashboardBody, modified: now() };
      save();
      return { DashboardValidationMessages: [] };
    }),
    GetDashboard: operation({ DashboardName: 'text!' }, ({ DashboardName }) => ({
      DashboardArn: arnOf(DashboardName),
      DashboardBody: find(DashboardName).body,
      DashboardName,
    })),
    ListDashboards: operation({ DashboardNamePrefix: 'text' }, ({ DashboardNamePrefix = '' }) => ({
      DashboardEntries: Object.entries(dashboards)
        .filter(([name]) => name.startsWith(DashboardNamePrefix))
        .map(([DashboardName, { body, modified }]) => ({
          DashboardName,
          DashboardArn: arnOf(DashboardName),
          LastModified: modified / 1000,
          Size: Buffer.byteLength(body),
        })),
    })),
    DeleteDashboards: operation({ DashboardNames: 'texts!' }, ({ DashboardNames }) => {
      for (const name of DashboardNames) find(name);
      for (const name of DashboardNames) delete dashboards[name];
      save();
      return undefined;
    }),
  };
};
