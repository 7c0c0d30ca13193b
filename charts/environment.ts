import type { Server } from '../model/spec';
import { contract } from '../worker/contract';

/** The environment that is no secret: what the worker's contract asks for, then what the server declares. */
export function environmentOf(server: Server): { readonly name: string; readonly value: string }[] {
  const { env, port } = contract;
  const all = { [env.transport]: 'http', [env.host]: '0.0.0.0', [env.port]: String(port), ...server.env };
  return Object.entries(all).map(([name, value]) => ({ name, value: forKubelet(value) }));
}

/**
 * A text that reaches the container as it is given: the kubelet reads `$$` as one dollar sign and puts the value of a
 * variable for `$(NAME)` (third_party/forked/golang/expansion of Kubernetes 1.36.3), so those dollar signs are doubled.
 */
function forKubelet(text: string): string {
  return text.replace(/\$+(?=\()|\${2,}/g, (dollars) => dollars + dollars);
}
