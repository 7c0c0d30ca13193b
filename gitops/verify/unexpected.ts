import { Problem, type ProblemCode } from '../../model/problem';
import { type Answer, codeOf, reasonOf } from '../engine/request';
import { isPage, loginWall } from './login-wall';
import type { Target } from './target';

/**
 * An answer that a worker would not give → what stands in the way most likely, and what to do next.
 * @param code the code for everything but a login wall
 */
export function unexpected(code: ProblemCode, target: Target, asked: URL, answer: Answer): Problem {
  const where = `${target.name}: ${asked.pathname}`;
  const wall = loginWall(answer, asked);
  if (wall !== undefined) {
    return new Problem(
      'LOGIN-WALL',
      `Cannot reach ${where}: ${wall} stands in front of it, and machines cannot log in`,
      {
        path: asked.href,
        fix: `take the login off this host (st-app: oAuth.enabled: false, what npm run synth writes), then npm run verify -- ${target.name}`,
      },
    );
  }
  const [cause, fix] = causeOf(target, answer);
  return new Problem(code, `Cannot use ${where}: it answered ${answer.status}; ${cause}`, { path: asked.href, fix });
}

/** A connection that did not come about, or broke → the same. */
export function unreachable(target: Target, asked: URL, error: unknown): Problem {
  const [cause, fix] = connectionCauses[codeOf(error) ?? ''] ?? [
    reasonOf(error),
    'see whether the address answers at all: curl -v <address>',
  ];
  return new Problem('UNREACHABLE', `Cannot reach ${target.name} at ${asked.href}: ${cause}`, {
    path: asked.href,
    fix: fix.replaceAll('<address>', asked.href).replaceAll('<namespace>', target.name),
    cause: error,
  });
}

function causeOf({ name }: Target, { status, headers, body }: Answer): readonly [cause: string, fix: string] {
  const pods = `kubectl -n ${name} get pods,endpointslices`;
  if (status >= 300 && status < 400) {
    const to = headers.location ?? 'nowhere';
    return [`it redirects to "${to}", and the engine follows nothing`, 'register the address that answers by itself'];
  }
  if (status === 404 && /"detail":\s*"Not Found"/.test(body)) {
    return [
      'the worker runs without a worker secret, or is no Arcade worker',
      `kubectl -n ${name} get sealedsecret,secret; then npm run verify -- ${name} --kubectl`,
    ];
  }
  if (status === 404) return ['the ingress has no rule for this host', `kubectl -n ${name} get ingress`];
  if (status === 502 || status === 503) return ['the ingress finds no pod that is ready', pods];
  if (status === 504) return ['the pod does not answer the ingress in time', `kubectl -n ${name} logs deploy/${name}`];
  if (status === 429) return ['it asks for fewer requests', 'wait a minute and run it again'];
  if (status === 401 || status === 403)
    return ['something in front of it wants other credentials', `kubectl -n ${name} get ingress -o yaml`];
  if (status >= 500) return ['the worker, or what is in front of it, fails', `kubectl -n ${name} logs deploy/${name}`];
  if (isPage(headers['content-type']))
    return ['a web page came in place of JSON', 'see which server that is: curl -i <it>'];
  return ['its body is not what a worker sends', 'see whether another server has this host'];
}

const connectionCauses: Readonly<Record<string, readonly [cause: string, fix: string]>> = {
  ECONNREFUSED: ['nothing listens there', 'kubectl -n <namespace> get ingress,service,pods'],
  ETIMEDOUT: ['no answer in time, as when a firewall drops it', 'try it from another network: curl -v <address>'],
  EHOSTUNREACH: ['there is no way to this network from here', 'run it where the engine runs'],
  ENETUNREACH: ['there is no way to this network from here', 'run it where the engine runs'],
  ECONNRESET: [
    'the connection was cut',
    'see the log of the ingress; a plain http port was asked for TLS, or the reverse',
  ],
  EPROTO: ['it does not speak TLS', 'register it with http://, or give the ingress a certificate'],
  EMSGSIZE: ['its answer is too long to be one of a worker', 'see which server that is: curl -i <address>'],
};
