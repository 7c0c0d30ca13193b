import type { Server } from '../model/spec';
import { contract } from '../worker/contract';

/** The environment without secrets: the variables that the worker requires, then the declared ones. */
export function environmentOf(server: Server): { readonly name: string; readonly value: string }[] {
  const { env, port } = contract;
  const all = { [env.transport]: 'http', [env.host]: '0.0.0.0', [env.port]: String(port), ...server.env };
  return Object.entries(all).map(([name, value]) => ({ name, value: forKubelet(value) }));
}

/**
 * Escapes a value for the kubelet, which reads `$$` as one dollar sign and expands `$(NAME)`
 * (third_party/forked/golang/expansion of Kubernetes 1.36.3).
 */
function forKubelet(text: string): string {
  return text.replace(/\$+(?=\()|\${2,}/g, (dollars) => dollars + dollars);
}
