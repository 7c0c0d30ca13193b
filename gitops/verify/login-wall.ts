import type { HttpResponse } from '../http/http-client';

/** Sign-in pages by their hosts and paths, as seen from 2026-06 to 2026-11. */
const walls: readonly (readonly [name: string, where: RegExp])[] = [
  ['Microsoft Entra ID', /^https:\/\/login\.(microsoftonline\.(com|us)|windows\.net|partner\.microsoftonline\.cn)\//],
  ['Google', /^https:\/\/accounts\.google\.com\//],
  ['Okta', /^https:\/\/[^/]+\.(okta|oktapreview|okta-emea)\.com\//],
  ['Auth0', /^https:\/\/[^/]+\.auth0\.com\//],
  ['Cloudflare Access', /^https:\/\/[^/]+\.cloudflareaccess\.com\/|\/cdn-cgi\/access\/login/],
  ['Amazon Cognito', /^https:\/\/[^/]+\.amazoncognito\.com\//],
  ['PingOne', /^https:\/\/[^/]+\.(pingone|pingidentity)\.[^/]+\//],
  ['OneLogin', /^https:\/\/[^/]+\.onelogin\.com\//],
  ['GitHub', /^https:\/\/github\.com\/login/],
  ['oauth2-proxy', /\/oauth2\/(start|sign_in|auth)\b/],
  ['Keycloak', /\/realms\/[^/]+\/protocol\//],
  ['Dex', /\/dex\/auth\b/],
  ['a login page', /\/(login|signin|sign-in|sso|authorize|saml2?)\b|[?&](client_id|SAMLRequest)=/i],
];

/** The name of the sign-in page that a response is or redirects to; undefined for any other response. */
export function loginWall({ status, headers, body }: HttpResponse, asked: URL): string | undefined {
  if (status >= 300 && status < 400) return wallAt(headers.location, asked);
  if (/^basic\b/i.test(headers['www-authenticate'] ?? '')) return "the proxy's password prompt (basic authentication)";
  if (!isPage(headers['content-type'])) return undefined;
  // A page instead of JSON: either the sign-in form itself, or a script that redirects to it.
  const address = body.match(/https:\/\/[^\s"'<>]+/g)?.find((url) => wallAt(url, asked) !== undefined);
  const named = address === undefined ? undefined : wallAt(address, asked);
  const hasForm = /<input[^<>]+type=["']?password|<title>[^<]*(sign in|log ?in)/i.test(body);
  return hasForm ? (named ?? 'a login page') : status < 400 ? named : undefined;
}

/** Whether a response is a web page. */
export function isPage(contentType = ''): boolean {
  return /^text\/html\b/i.test(contentType);
}

function wallAt(location: string | undefined, asked: URL): string | undefined {
  if (location === undefined || !URL.canParse(location, asked.href)) return undefined;
  const { href } = new URL(location, asked);
  return walls.find(([, where]) => where.test(href))?.[0];
}
