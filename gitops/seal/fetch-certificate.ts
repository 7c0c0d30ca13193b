import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { httpClient, reasonOf, trustIn } from '../http/http-client';
import { maxCertificateBytes } from './certificate';

/** How a certificate may be fetched. */
export interface FetchLimits {
  /** Also accepts plain `http`, for `kubectl proxy` on this machine. @default - only https */
  readonly isHttpAllowed?: boolean;
  /** The timeout of the whole request. @default - 15 s */
  readonly timeoutMs?: number;
  /** An extra certificate authority to trust. @default - only those of Node and NODE_EXTRA_CA_CERTS */
  readonly ca?: string;
}

/**
 * Fetches a controller's certificate as text, without parsing it. Follows no redirect: another host could serve another
 * certificate.
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
  const message = 'Cannot fetch a certificate over http: anyone on the network path could replace it';
  throw new Problem('CERT-FETCH', message, { fix });
}

function statusReason(status: number, location: string | undefined, url: URL): string {
  if (location === undefined || !URL.canParse(location, url.href)) return `the response status is ${status}, not 200`;
  return `the response is a ${status} redirect to ${new URL(location, url).host}; redirects are not followed`;
}

/** Explains a network or TLS error and says how to fix it. */
export function unreached(url: URL, error: unknown): Problem {
  const code = systemCode(error);
  if (code === undefined || code === 'EMSGSIZE') return failed(url, reasonOf(error), error);
  const [, meaning, fix] = knownErrors.find(([codes]) => codes.test(code)) ?? [];
  // Only the client's own timeout message adds information; the others repeat the address.
  const reason = code === 'ETIMEDOUT' ? reasonOf(error) : meaning === undefined ? code : `${meaning} (${code})`;
  return failed(url, reason, error, fix);
}

const network = 'check the network, and the VPN if the address needs one';
const orFile = 'or give a PEM file: kubeseal --fetch-cert > <file>, where the cluster can be reached';

const knownErrors: readonly [codes: RegExp, meaning: string, fix: string][] = [
  [/^EAI_AGAIN$/, 'no DNS server answers', `${network}; ${orFile}`],
  [/^ENOTFOUND$/, 'the host name does not resolve', `${network}; correct the address; ${orFile}`],
  [/^(ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN)$/, 'there is no route to the host', `${network}; ${orFile}`],
  [/^ETIMEDOUT$/, '', `${network}; ${orFile}`],
  [/^ECONNREFUSED$/, 'nothing is listening there', 'start the proxy, such as kubectl proxy, or correct the address'],
  [
    /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/,
    'it is not signed by a trusted authority',
    'trust the PEM file of its authority: NODE_EXTRA_CA_CERTS=<file> npm run seal -- fetch-cert <url>',
  ],
];

function failed({ protocol, host }: URL, reason: string, cause?: unknown, fix = usage): Problem {
  // The path, and a user name before the host, may hold credentials.
  const message = `Cannot fetch a certificate from ${protocol}//${host}: ${reason}`;
  return new Problem('CERT-FETCH', message, { fix, cause });
}

const usage =
  'give the https address of the controller, ending in /v1/cert.pem, or a PEM file of its certificate; through the API server the path is /api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy/v1/cert.pem';
