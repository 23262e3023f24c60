/** `custom.offline.customAuthenticationProvider`; serverless-offline takes what `require` returns, as a function. */
export { provideAuthentication as 'module.exports' } from './plugin/provide-authentication.ts';
