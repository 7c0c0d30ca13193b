import type { Answer } from '../engine/request';

/** Sign-in pages by the address they live at. What their hosts and paths look like: seen 2026-06 to 2026-11. */
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

/** The sign-in page that an answer sends machines to, by name; undefined for an answer that is none. */
export function loginWall({ status, headers, body }: Answer, asked: URL): string | undefined {
  if (status >= 300 && status < 400) return wallAt(headers.location, asked);
  if (/^basic\b/i.test(headers['www-authenticate'] ?? ''))
    return 'a password prompt of the proxy (basic authentication)';
  if (!isPage(headers['content-type'])) return undefined;
  // A page in place of JSON: the form is served in place, or a script does the redirect.
  const address = body.match(/https:\/\/[^\s"'<>]+/g)?.find((url) => wallAt(url, asked) !== undefined);
  const named = address === undefined ? undefined : wallAt(address, asked);
  const hasForm = /<input[^<>]+type=["']?password|<title>[^<]*(sign in|log ?in)/i.test(body);
  return hasForm ? (named ?? 'a login page') : status < 400 ? named : undefined;
}

/** Whether an answer is a web page. */
export function isPage(contentType = ''): boolean {
  return /^text\/html\b/i.test(contentType);
}

function wallAt(location: string | undefined, asked: URL): string | undefined {
  if (location === undefined || !URL.canParse(location, asked.href)) return undefined;
  const { href } = new URL(location, asked);
  return walls.find(([, where]) => where.test(href))?.[0];
}
