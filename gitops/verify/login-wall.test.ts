import { problemAt, verified } from '../../testing/fake-deployment/verified';
import type { HttpResponse } from '../http/http-client';
import { loginWall } from './login-wall';

const asked = new URL('https://fake.example.com/worker/health');

function response(status: number, headers: Readonly<Record<string, string>>, body = ''): HttpResponse {
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
])('recognizes a redirect to %s as the login wall of %s', (location, name) => {
  expect(loginWall(response(302, { location }), asked)).toBe(name);
});

test.each<[string, HttpResponse]>([
  ['a redirect to https', response(308, { location: 'https://fake.example.com/worker/health' })],
  ['a redirect to another host', response(301, { location: 'https://other.example.com/' })],
  ['JSON that names a login', response(401, { 'content-type': 'application/json' }, '{"detail":"login"}')],
  ['a page of an ingress', response(404, { 'content-type': 'text/html' }, '<title>404 Not Found</title>')],
  ['a redirect without a location', response(302, {})],
])('does not mistake %s for a login wall', (_what, found) => {
  expect(loginWall(found, asked)).toBeUndefined();
});

test('recognizes a page with a password field as a login wall, and names it after its links', () => {
  const page = (body: string) => response(200, { 'content-type': 'text/html; charset=utf-8' }, body);
  expect(loginWall(page('<form><input name="p" type="password"></form>'), asked)).toBe('a login page');
  expect(loginWall(page('<script>location="https://company.okta.com/x"</script>'), asked)).toBe('Okta');
  expect(loginWall(response(401, { 'www-authenticate': 'Basic realm="x"' }), asked)).toContain('password prompt');
});

test('reports a server behind a login at three steps instead of at every step', async () => {
  const wall = { status: 302, headers: { location: 'https://login.microsoftonline.com/t/oauth2/v2.0/authorize' } };
  const report = await verified({ worker: { instead: { '*': wall } } });
  expect(problemAt(report, 'health')).toMatchObject({
    code: 'LOGIN-WALL',
    message: expect.stringContaining('it is behind Microsoft Entra ID, where machines cannot log in'),
  });
  const failed = report.results.filter(({ finding }) => finding.state === 'failed').map(({ step }) => step.name);
  expect(failed).toEqual(['health', 'mcp', 'mcp-2026']);
});
