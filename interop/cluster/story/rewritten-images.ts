import type { ServerName } from './sources';
import type { Story } from './story';
import { allIsWell, freshPods, problemAt } from './verify-steps';

const name = 'plain-public' satisfies ServerName;
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const image = 'variables.image';

/** What admission makes of an image, in CEL, how such an image looks, and what verify warns of then. */
const rewritten = [
  ['a digest beside the tag', `${image} + '@${digest}'`, /:[\d.]+@sha256:/, undefined],
  ['a digest in place of the tag', `${image}.split(':')[0] + '@${digest}'`, /[a-z]@sha256:/, /no tag to compare/],
  ['a mirror', `'mirror.example.net/' + ${image}`, /^mirror/, /the same path and tag in another registry/],
] as const;

/** 6: what admission in the cluster makes of an image is no other image. */
export function proveAdmitted(story: () => Story): void {
  afterAll(async () => {
    await story().cluster.succeeds(['delete', 'mutatingadmissionpolicybinding,mutatingadmissionpolicy', 'images']);
    await admittedAs(story(), /^registry[^@]*$/);
  });

  test.each(rewritten)('admission writes %s', async (_, expression, looks, warning) => {
    await story().cluster.apply(policy(expression));
    await admittedAs(story(), looks);
    if (warning === undefined) return void (await allIsWell(story(), name));
    const { state, message } = await problemAt(story(), name, 'pods', 'IMAGE-REWRITTEN');
    expect([state, message]).toEqual(['warned', expect.stringMatching(warning)]);
  });
}

/** Makes new pods until they come in like this: the API server takes a policy over a moment after it has it. */
async function admittedAs(story: Story, looks: RegExp): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    await freshPods(story, name);
    const pods = await story.cluster.list('pods', name);
    const images = pods.map(({ spec }) => spec?.containers?.[0]?.image ?? '');
    if (images.length > 0 && images.every((each) => looks.test(each))) return;
    if (performance.now() > deadline) throw new Error(`pods run ${images.join(', ')}`);
  }
}

function policy(expression: string): readonly object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
  const patch = `[JSONPatch{op: 'replace', path: '/spec/containers/0/image', value: ${expression}}]`;
  const spec = {
    matchConstraints: {
      resourceRules: [rule],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    },
    failurePolicy: 'Fail',
    reinvocationPolicy: 'Never',
    variables: [{ name: 'image', expression: 'object.spec.containers[0].image' }],
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: patch } }],
  };
  return [
    { apiVersion, kind: 'MutatingAdmissionPolicy', metadata: { name: 'images' }, spec },
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'images' },
      spec: { policyName: 'images' },
    },
  ];
}
