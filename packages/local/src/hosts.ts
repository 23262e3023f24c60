import { hostsOfVariable } from '@granary/embedded-aws/refused-callers';

/** Further names under which this machine's ports may be asked for. */
export const HOSTS = hostsOfVariable('GRANARY_HOSTS');
