/**
 * Addresses that take the place of the sources' own, by source, as one JSON text: `GRANARY_<ID>_URL` of whoever
 * packages, deploys or starts. `none` means that the source is not collected. Every source has such a variable: nothing
 * here names one.
 */
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

const folder = join(__dirname, '../packages/sources/src/sources');
const ids = readdirSync(folder).flatMap((name) => (name.endsWith('.yml') ? [name.slice(0, -'.yml'.length)] : []));
const renamed = process.env.GRANARY_USERS_URL;
if (renamed) throw new Error('GRANARY_USERS_URL is called GRANARY_RANDOM_USERS_URL now: set that one.');

const given = ids.map((id) => [id, process.env[`GRANARY_${id.toUpperCase()}_URL`]?.trim()]).filter(([, url]) => url);
module.exports = JSON.stringify(Object.fromEntries(given));
