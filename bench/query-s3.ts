/** The S3 API of bench/query.ts, in a process of its own: writes its address to the file descriptor 3. */
import { writeSync } from 'node:fs';
import { startEmulators } from '@granary/stores/testing/emulators';

const { endpoint } = await startEmulators();
writeSync(3, endpoint);
