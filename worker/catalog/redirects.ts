import type { Redact } from './log-line';

/** The limit of `fetch`. */
const maxRedirects = 20;

/** The headers that `fetch` itself drops on a redirect to another origin (WHATWG fetch, 2026-11; undici 7). */
const sameOriginHeaders = ['authorization', 'proxy-authorization', 'cookie', 'host'];

/**
 * Sends a request and follows redirects without sending the call's secrets to another origin: `fetch` drops the header
 * Authorization, but a key may be in any header. Returns a redirect unfollowed if it needs the body again, which has been
 * consumed, or if its target is invalid.
 */
export async function following(
  original: Request,
  send: (request: Request) => Promise<Response>,
  redact: Redact,
): Promise<Response> {
  const isSecret = ([name, value]: readonly [string, string]) =>
    !sameOriginHeaders.includes(name) && redact(value) !== value;
  if (original.redirect !== 'follow' || ![...original.headers].some(isSecret)) return send(original);
  const hasBody = original.body !== null;
  let request = new Request(original, { redirect: 'manual' });
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
        (isSameOrigin || (!sameOriginHeaders.includes(header[0]) && !isSecret(header))) &&
        !(becomesGet && header[0].startsWith('content-')),
    );
    const { method, signal } = request;
    request = new Request(target, { method: becomesGet ? 'GET' : method, headers, signal, redirect: 'manual' });
  }
}

/** Undefined if the response is not a redirect, or one that `fetch` does not follow. */
function targetOf({ url }: Request, { status, headers }: Response): URL | undefined {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null || !URL.canParse(location, url))
    return undefined;
  const target = new URL(location, url);
  return /^https?:$/.test(target.protocol) && target.username + target.password === '' ? target : undefined;
}

/** Whether the redirect changes the method to GET, by the rules of `fetch`. */
function isGetAfter(method: string, status: number): boolean {
  return status === 303 ? !/^(GET|HEAD)$/.test(method) : method === 'POST' && (status === 301 || status === 302);
}
