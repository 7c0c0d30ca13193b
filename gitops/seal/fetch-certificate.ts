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
export const maxCertificateBytes = 64 * 1024;

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
    const code = systemCode(error);
    const isOurs = code === undefined || code === 'ETIMEDOUT' || code === 'EMSGSIZE';
    throw failed(url, isOurs ? reasonOf(error) : code, error);
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

function failed({ protocol, host }: URL, reason: string, cause?: unknown): Problem {
  // The path and what may be in front of the host can hold credentials.
  const message = `Cannot fetch a certificate from ${protocol}//${host}: ${reason}`;
  return new Problem('CERT-FETCH', message, { fix: usage, cause });
}

const usage =
  'name the https address of the controller, ending in /v1/cert.pem; through the API server the path is /api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy/v1/cert.pem';
