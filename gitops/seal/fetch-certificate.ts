import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { httpClient, reasonOf, trustIn } from '../http/http-client';

/** How a certificate may be fetched. */
export interface FetchLimits {
  /** Takes plain `http` too, for `kubectl proxy` on this machine. @default - https alone */
  readonly isHttpAllowed?: boolean;
  /** How long all of it may take. @default - 15 s */
  readonly timeoutMs?: number;
  /** A certificate authority to trust beside the public ones. @default - those of Node, and NODE_EXTRA_CA_CERTS */
  readonly ca?: string;
}

/** The longest answer that is read, in bytes. */
const maxCertificateBytes = 64 * 1024;

/**
 * Fetches the text that a controller serves as its certificate. Follows no redirect: another host could hand out another
 * certificate. What comes back is not looked at here.
 * @throws Problem CERT-FETCH
 */
export async function fetchCertificate(address: string, limits: FetchLimits = {}): Promise<string> {
  const { isHttpAllowed = false, timeoutMs = 15_000, ca } = limits;
  const url = checkAddress(address, isHttpAllowed);
  const trust = trustIn(ca === undefined ? [] : [ca]);
  const client = httpClient({ timeoutMs, maxBytes: maxCertificateBytes, trust });
  const headers = { accept: 'application/x-pem-file, text/plain' };
  const request = client.request(url, { headers }).finally(() => client.close());
  const {
    status,
    headers: answered,
    body,
  } = await request.catch((error: unknown) => {
    throw unreached(url, error);
  });
  if (status === 200) return body;
  throw failed(url, statusReason(status, answered.location, url));
}

function checkAddress(address: string, isHttpAllowed: boolean): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHttpAllowed)) return url;
  if (url?.protocol !== 'http:') {
    throw new Problem('CERT-FETCH', 'Cannot fetch a certificate: this is not a web address', { fix: usage });
  }
  const fix = `${usage}; add --allow-http for kubectl proxy on this machine`;
  const message = 'Cannot fetch a certificate over http: anyone on the way could exchange it';
  throw new Problem('CERT-FETCH', message, { fix });
}

function statusReason(status: number, location: string | undefined, url: URL): string {
  if (location === undefined || !URL.canParse(location, url.href)) return `the answer is ${status}, not 200`;
  return `the answer is ${status}, a redirect to ${new URL(location, url).host}, and redirects are not followed`;
}

/** What an error of the network or of TLS means, and what to do about it. */
export function unreached(url: URL, error: unknown): Problem {
  const code = systemCode(error);
  if (code === undefined || code === 'EMSGSIZE') return failed(url, reasonOf(error), error);
  const [, words, fix] = troubles.find(([codes]) => codes.test(code)) ?? [];
  // The client says of its own time limit what it waited for; other messages repeat the address.
  const reason = code === 'ETIMEDOUT' ? reasonOf(error) : words === undefined ? code : `${words} (${code})`;
  return failed(url, reason, error, fix);
}

const network = 'see whether this machine has a network, and its VPN if the address is inside one, then run it again';

const troubles: readonly [codes: RegExp, words: string, fix: string][] = [
  [/^EAI_AGAIN$/, 'no name server answers', network],
  [/^ENOTFOUND$/, 'no name server knows the name', `${network}; or correct the address`],
  [/^(ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN)$/, 'no way leads there', network],
  [/^ETIMEDOUT$/, '', network],
  [/^ECONNREFUSED$/, 'nothing listens there', 'start what leads there, such as kubectl proxy, or correct the address'],
  [
    /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/,
    'no authority that is trusted here vouches for it',
    'name the PEM file of its authority: NODE_EXTRA_CA_CERTS=<file> npm run seal -- fetch-cert <url>',
  ],
];

function failed({ protocol, host }: URL, reason: string, cause?: unknown, fix = usage): Problem {
  // The path and what may be in front of the host can hold credentials.
  const message = `Cannot fetch a certificate from ${protocol}//${host}: ${reason}`;
  return new Problem('CERT-FETCH', message, { fix, cause });
}

const usage =
  'name the https address of the controller, ending in /v1/cert.pem; through the API server the path is /api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy/v1/cert.pem';
