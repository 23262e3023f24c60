/** `plugins: ['@granary/local/plugin']` of a serverless.yml; osls takes a default export. */
export { GranaryLocal as default } from './plugin/granary-local.ts';
