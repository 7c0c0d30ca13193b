import http from 'node:http';
import https from 'node:https';
import { Problem } from '../../model/problem';

/** How a certificate may be fetched. */
export interface FetchLimits {
  /** Takes plain `http` too, for `kubectl proxy` on this machine. @default - https alone */
  readonly isHttpAllowed?: boolean;
  /** How long all of it may take. @default - 15 s */
  readonly timeoutMs?: number;
  /** Certificates to trust instead of the system's. @default - those of Node, and NODE_EXTRA_CA_CERTS */
  readonly ca?: string;
}

/** The longest answer that is read, in bytes. */
export const maxCertificateBytes = 64 * 1024;

/**
 * Fetches the text that a controller serves as its certificate. Follows no redirect: another host could hand out another
 * certificate. What comes back is not looked at here.
 * @throws Problem CERT-FETCH
 */
export function fetchCertificate(address: string, limits: FetchLimits = {}): Promise<string> {
  const url = checkAddress(address, limits.isHttpAllowed ?? false);
  const timeoutMs = limits.timeoutMs ?? 15_000;
  const client = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => {
      clearTimeout(deadline);
      request.destroy();
      reject(failed(url, reason, cause));
    };
    const deadline = setTimeout(() => fail(`no whole answer within ${timeoutMs / 1000} s`), timeoutMs);
    // Said aloud: NODE_TLS_REJECT_UNAUTHORIZED=0 would switch it off otherwise.
    const options = {
      agent: false,
      rejectUnauthorized: true,
      headers: { accept: 'application/x-pem-file, text/plain' },
      ...caOf(limits),
    };
    const request = client.get(url, options, (response) => {
      const { statusCode = 0, headers } = response;
      if (statusCode !== 200) return fail(statusReason(statusCode, headers.location, url));
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxCertificateBytes) fail(`the answer is longer than ${maxCertificateBytes} bytes`);
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail('the answer broke off', error));
      response.on('end', () => {
        clearTimeout(deadline);
        resolve(Buffer.concat(chunks).toString('utf8'));
      });
    });
    request.on('error', (error) => fail('code' in error ? String(error.code) : error.message, error));
  });
}

function checkAddress(address: string, isHttpAllowed: boolean): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    throw new Problem('CERT-FETCH', 'Cannot fetch a certificate: this is not a web address', { fix: usage });
  }
  if (url.protocol === 'http:' && !isHttpAllowed) {
    throw new Problem('CERT-FETCH', 'Cannot fetch a certificate over http: anyone on the way could exchange it', {
      fix: `${usage}; add --allow-http for kubectl proxy on this machine`,
    });
  }
  return url;
}

function statusReason(status: number, location: string | undefined, url: URL): string {
  if (location === undefined || !URL.canParse(location, url.href)) return `the answer is ${status}, not 200`;
  return `the answer is ${status}, a redirect to ${new URL(location, url).host}, and redirects are not followed`;
}

function caOf({ ca }: FetchLimits): { ca?: string } {
  return ca === undefined ? {} : { ca };
}

function failed(url: URL, reason: string, cause: unknown): Problem {
  // The path and what may be in front of the host can hold credentials.
  return new Problem('CERT-FETCH', `Cannot fetch a certificate from ${url.protocol}//${url.host}: ${reason}`, {
    fix: usage,
    cause,
  });
}

const usage =
  'name the https address of the controller, ending in /v1/cert.pem; through the API server the path is /api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:http/proxy/v1/cert.pem';
