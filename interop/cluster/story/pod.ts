import { z } from 'zod';
import type { Cluster } from '../cluster';

const Pod = z.object({
  spec: z.object({
    containers: z.tuple([
      z.object({
        env: z.array(z.object({ name: z.string(), value: z.string() })),
        envFrom: z.tuple([z.object({ secretRef: z.object({ name: z.string() }) })]),
        ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
      }),
    ]),
  }),
});
const Secret = z.object({ data: z.record(z.string(), z.string()) });

/**
 * The container of a pod and the environment with which a kubelet would start it.
 * @param labels a label selector. @default - any pod of the namespace
 */
export async function podOf(cluster: Cluster, namespace: string, labels = '') {
  const [pod] = await cluster.list('pods', namespace, labels);
  const [container] = Pod.parse(pod).spec.containers;
  const name = container.envFrom[0].secretRef.name;
  const { data } = Secret.parse(await cluster.read('secret', { namespace, name }));
  const decoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]);
  const declared = container.env.map((each) => [each.name, each.value]);
  const environment: Record<string, string> = Object.fromEntries([...declared, ...decoded]);
  return { container, environment };
}
