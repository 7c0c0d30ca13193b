import type { Redact } from './log-line';

/** As many as `fetch` follows. */
const maxRedirects = 20;

/** What `fetch` itself keeps from another origin (WHATWG fetch, 2026-11; undici 7). */
const ofOneOrigin = ['authorization', 'proxy-authorization', 'cookie', 'host'];

/**
 * Sends a request and follows redirects, and takes no secret of the call to another origin: `fetch` takes the header
 * Authorization away, but a key may stand in any. A redirect that is to carry the body again comes back as it is, because the
 * body has been read; so does one that leads nowhere.
 */
export async function following(
  given: Request,
  send: (request: Request) => Promise<Response>,
  hide: Redact,
): Promise<Response> {
  const isSecret = ([name, value]: readonly [string, string]) => !ofOneOrigin.includes(name) && hide(value) !== value;
  if (given.redirect !== 'follow' || ![...given.headers].some(isSecret)) return send(given);
  const hasBody = given.body !== null;
  let request = new Request(given, { redirect: 'manual' });
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(request);
    const target = targetOf(request, response);
    const becomesGet = isGetAfter(request.method, response.status);
    if (target === undefined || redirects === maxRedirects || (hasBody && !becomesGet && request.method !== 'GET')) {
      return response;
    }
    await response.body?.cancel();
    const isSameOrigin = target.origin === new URL(request.url).origin;
    const headers = [...request.headers].filter(
      (header) =>
        (isSameOrigin || (!ofOneOrigin.includes(header[0]) && !isSecret(header))) &&
        !(becomesGet && header[0].startsWith('content-')),
    );
    const { method, signal } = request;
    request = new Request(target, { method: becomesGet ? 'GET' : method, headers, signal, redirect: 'manual' });
  }
}

/** Undefined for what is no redirect, and for one that no `fetch` follows. */
function targetOf({ url }: Request, { status, headers }: Response): URL | undefined {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null || !URL.canParse(location, url))
    return undefined;
  const target = new URL(location, url);
  return /^https?:$/.test(target.protocol) && target.username + target.password === '' ? target : undefined;
}

/** As `fetch` does it: a form that was sent is answered with a page to get. */
function isGetAfter(method: string, status: number): boolean {
  return status === 303 ? !/^(GET|HEAD)$/.test(method) : method === 'POST' && (status === 301 || status === 302);
}
