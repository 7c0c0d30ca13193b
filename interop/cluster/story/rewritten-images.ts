import type { ServerName } from './sources';
import type { Story } from './story';
import { allPass, problemAt, recreatePods } from './verify-steps';

const name = 'plain-public' satisfies ServerName;
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const image = 'variables.image';

/** How admission rewrites an image, in CEL, a pattern of the result, and the warning of verify. */
const rewritten = [
  ['a digest after the tag', `${image} + '@${digest}'`, /:[\d.]+@sha256:/, undefined],
  ['a digest instead of the tag', `${image}.split(':')[0] + '@${digest}'`, /[a-z]@sha256:/, /no tag to compare/],
  ['a mirror', `'mirror.example.net/' + ${image}`, /^mirror/, /the same path and tag in another registry/],
] as const;

/** 6: verify does not report an image that admission rewrote as a different one. */
export function proveRewrittenImages(story: () => Story): void {
  afterAll(async () => {
    await story().cluster.succeeds(['delete', 'mutatingadmissionpolicybinding,mutatingadmissionpolicy', 'images']);
    await admittedAs(story(), /^registry[^@]*$/);
  });

  test.each(rewritten)('warns at most when admission writes %s', async (_, expression, pattern, warning) => {
    await story().cluster.apply(policy(expression));
    await admittedAs(story(), pattern);
    if (warning === undefined) return void (await allPass(story(), name));
    const { state, message } = await problemAt(story(), name, 'pods', 'IMAGE-REWRITTEN');
    expect([state, message]).toEqual(['warned', expect.stringMatching(warning)]);
  });
}

/** Recreates the pods until their image matches: the API server enforces a new policy with a delay. */
async function admittedAs(story: Story, pattern: RegExp): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    await recreatePods(story, name);
    const pods = await story.cluster.list('pods', name);
    const images = pods.map(({ spec }) => spec?.containers?.[0]?.image ?? '');
    if (images.length > 0 && images.every((each) => pattern.test(each))) return;
    if (performance.now() > deadline) throw new Error(`pods run ${images.join(', ')}; expected ${pattern}`);
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
