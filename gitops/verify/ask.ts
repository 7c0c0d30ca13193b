import { Problem, type ProblemCode } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { type HttpRequest, type HttpResponse, reasonOf } from '../http/http-client';
import { isPage, loginWall } from './login-wall';
import type { World } from './node-world';
import type { Facts } from './step';
import { type Target, urlOf } from './target';

/**
 * Sends a request to a path of the server, at the resolved addresses.
 * @throws Problem UNREACHABLE
 */
export async function ask(
  target: Target,
  { addresses = [] }: Facts,
  world: World,
  path: string,
  request: HttpRequest = {},
): Promise<HttpResponse> {
  const url = urlOf(target, path);
  try {
    return await world.connect(addresses).request(url, request);
  } catch (error) {
    throw unreachable(target, url, error);
  }
}

/** Parses a response body. @returns undefined when it is not JSON */
export function jsonOf({ body }: Pick<HttpResponse, 'body'>): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Callers report what came instead of JSON.
    return undefined;
  }
}

/**
 * Turns a response that no worker sends into a problem with the most likely cause and the next step.
 * @param code the code for everything but a login wall
 */
export function unexpected(code: ProblemCode, target: Target, path: string, response: HttpResponse): Problem {
  const url = urlOf(target, path);
  const where = `${target.name}: ${url.pathname}`;
  const wall = loginWall(response, url);
  if (wall !== undefined) {
    const fix = `remove the login from this host (st-app: oAuth.enabled: false, as npm run synth writes it), then npm run verify -- ${target.args}`;
    const message = `Cannot reach ${where}: it is behind ${wall}, where machines cannot log in`;
    return new Problem('LOGIN-WALL', message, { path: url.href, fix });
  }
  const [cause, fix] = causeOf(target, response);
  return new Problem(code, `Cannot use ${where}: it answered ${response.status}; ${cause}`, { path: url.href, fix });
}

/** Turns a failed connection into a problem with the most likely cause and the next step. */
export function unreachable({ name, way }: Target, { href, hostname, port }: URL, error: unknown): Problem {
  const host = `${hostname}:${port || 443}`;
  const unknown = [reasonOf(error), 'check whether the address answers at all: curl -v <address>'] as const;
  const [cause, fix] = connectionCauses[systemCode(error) ?? ''] ?? handshakeCause(error) ?? unknown;
  return new Problem('UNREACHABLE', `Cannot reach ${name} at ${href}: ${cause}`, {
    path: href,
    fix: byWay(fix.replaceAll('<address>', href).replaceAll('<host>', host).replaceAll('<namespace>', name), way),
    cause: error,
  });
}

/** For each way in: its name in a sentence, its kind for kubectl, and where to find its certificates. */
const wayWords = {
  ingress: ['the ingress', 'ingress', 'kubectl -n <namespace> get ingress,certificate'],
  gateway: ['the Gateway', 'httproute', 'kubectl get gateways -A -o yaml (the listeners name the certificates)'],
} as const;

/** Replaces `<the way>`, `<kind>` and `<certificates>` in a text by the words for one way in. */
export function byWay(text: string, way: Target['way'] = 'ingress'): string {
  const [wayIn, kind, certificates] = wayWords[way];
  return text.replaceAll('<the way>', wayIn).replaceAll('<kind>', kind).replaceAll('<certificates>', certificates);
}

/** Reads the reason from the error code: the message of OpenSSL 3.0 is a line of its source. */
function handshakeCause(error: unknown): CauseAndFix | undefined {
  const code = systemCode(error) ?? '';
  const [, reason] = /^ERR_SSL_(?:TLSV1_|SSLV3_)?(?:ALERT_)?(.+)$/.exec(code) ?? [];
  if (reason === undefined) return undefined;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL/.test(reason)) return notTls;
  const text = reason.toLowerCase().replaceAll('_', ' ');
  return [`the TLS handshake fails (${text})`, 'inspect what it offers: openssl s_client -connect <host>'];
}

const notTls: CauseAndFix = [
  'the server there does not speak TLS',
  'if it is a plain http port, register it with http:// or give <the way> a certificate',
];

/** The kinds to inspect in the cluster, by where secrets come from. */
const secretKinds = { sealed: 'sealedsecret,secret', external: 'externalsecret,secret', existing: 'secret' };

type CauseAndFix = readonly [cause: string, fix: string];

function causeOf({ name, args, stored, way }: Target, { status, headers, body }: HttpResponse): CauseAndFix {
  const pods = `kubectl -n ${name} get pods,endpointslices`;
  const log = `kubectl -n ${name} logs deploy/${name}`;
  if (status >= 300 && status < 400) {
    const what = `it redirects to "${headers.location ?? 'nowhere'}", and the engine does not follow redirects`;
    return [what, 'register an address that answers without a redirect'];
  }
  if (status === 404 && /"detail":\s*"Not Found"/.test(body)) {
    const fix = `kubectl -n ${name} get ${secretKinds[stored?.kind ?? 'sealed']}; then npm run verify -- ${args} --kubectl`;
    return ['the worker runs without a worker secret, or it is not an Arcade worker', fix];
  }
  const [wayIn, kind] = wayWords[way ?? 'ingress'];
  if (status === 404) return [`${wayIn} has no rule for this host`, `kubectl -n ${name} get ${kind}`];
  if (status === 502 || status === 503) return [`${wayIn} has no ready pod behind it`, pods];
  if (status === 504) return [`the pod does not answer ${wayIn} in time`, log];
  if (status === 429) return ['it limits the rate of requests', 'wait a minute and run it again'];
  if (status === 401 || status === 403)
    return ['a proxy in front of it requires other credentials', `kubectl -n ${name} get ${kind} -o yaml`];
  if (status >= 500) return ['the worker or a proxy in front of it fails', log];
  if (isPage(headers['content-type']))
    return ['a web page came instead of JSON', 'find out which server answers, with curl -i'];
  return ['its body is not what a worker sends', 'check whether another server has this host'];
}

const connectionCauses: Readonly<Record<string, CauseAndFix>> = {
  ECONNREFUSED: ['nothing listens there', 'kubectl -n <namespace> get <kind>,service,pods'],
  ETIMEDOUT: ['no answer in time; perhaps a firewall drops it', 'try it from another network: curl -v <address>'],
  EHOSTUNREACH: ['this machine has no route to it', 'run verify where the engine runs'],
  ENETUNREACH: ['this machine has no route to it', 'run verify where the engine runs'],
  ECONNRESET: [
    'the connection was reset',
    'check the log of <the way>, and whether the port expects http instead of https, or the reverse',
  ],
  EPROTO: notTls,
  EMSGSIZE: ['its answer is too long for a worker', 'find out which server answers: curl -i <address>'],
};
