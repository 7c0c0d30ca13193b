import { told, verified } from '../../testing/fake-deployment/verified';
import type { Answer } from '../engine/request';
import { loginWall } from './login-wall';

const asked = new URL('https://made-up.example.com/worker/health');

function answer(status: number, headers: Readonly<Record<string, string>>, body = ''): Answer {
  return { status, headers, body, ms: 1 };
}

test.each([
  ['https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?client_id=x', 'Microsoft Entra ID'],
  ['https://accounts.google.com/o/oauth2/auth', 'Google'],
  ['https://company.okta.com/app/x/sso/saml', 'Okta'],
  ['https://company.cloudflareaccess.com/cdn-cgi/access/login/x', 'Cloudflare Access'],
  ['https://auth.example.com/oauth2/start?rd=https%3A%2F%2Fx', 'oauth2-proxy'],
  ['/oauth2/sign_in', 'oauth2-proxy'],
  ['https://id.example.com/realms/main/protocol/openid-connect/auth', 'Keycloak'],
  ['https://sso.example.com/login?next=/', 'a login page'],
  ['https://sso.example.com/start?SAMLRequest=abc', 'a login page'],
])('a redirect to %s is the wall of %s', (location, name) => {
  expect(loginWall(answer(302, { location }), asked)).toBe(name);
});

test.each<[string, Answer]>([
  ['a redirect to https', answer(308, { location: 'https://made-up.example.com/worker/health' })],
  ['a redirect to another host', answer(301, { location: 'https://other.example.com/' })],
  ['JSON that names a login', answer(401, { 'content-type': 'application/json' }, '{"detail":"login"}')],
  ['a page of an ingress', answer(404, { 'content-type': 'text/html' }, '<title>404 Not Found</title>')],
  ['a redirect to nowhere', answer(302, {})],
])('%s is no login wall', (_what, found) => {
  expect(loginWall(found, asked)).toBeUndefined();
});

test('a page with a password field in the place of JSON is a wall, named by where its links lead', () => {
  const page = (body: string) => answer(200, { 'content-type': 'text/html; charset=utf-8' }, body);
  expect(loginWall(page('<form><input name="p" type="password"></form>'), asked)).toBe('a login page');
  expect(loginWall(page('<script>location="https://company.okta.com/x"</script>'), asked)).toBe('Okta');
  expect(loginWall(answer(401, { 'www-authenticate': 'Basic realm="x"' }), asked)).toContain('password prompt');
});

test('a server behind a login is told as one thing, and not as seven', async () => {
  const wall = { status: 302, headers: { location: 'https://login.microsoftonline.com/t/oauth2/v2.0/authorize' } };
  const report = await verified({ worker: { instead: { '*': wall } } });
  expect(told(report, 'health')).toMatchObject({
    code: 'LOGIN-WALL',
    message: expect.stringContaining('Microsoft Entra ID stands in front of it, and machines cannot log in'),
  });
  const failed = report.results.filter(({ finding }) => finding.state === 'failed').map(({ step }) => step.name);
  expect(failed).toEqual(['health', 'mcp', 'mcp-2026']);
});
