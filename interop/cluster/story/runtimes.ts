import { seen } from '../../seen';
import { condition, type Found } from '../cluster';
import type { ServerName } from './sources';
import type { Story } from './story';
import { allPass, recreatePods, runFix } from './verify-steps';

const name = 'chart-public' satisfies ServerName;
const at = { namespace: name, name };
const file = `servers/${name}/server.ts`;

/** 4: a server changes its runtime and back. deliver warns about the downtime, and afterwards verify passes. */
export function proveRuntimes(story: () => Story): void {
  test('moves a server from the chart to plain objects', async () => {
    const { cluster, sources, target } = story();
    sources.edit(file, (text) => text.replace("secrets: ['API_KEY']", "runtime: 'plain', secrets: ['API_KEY']"));
    const { stderr } = await target.deliver();
    expect(stderr).toMatch(/RELEASE-REPLACED .* it applies nothing/);
    const [command = ''] = /kubectl -n \S+ delete helmrelease [\w-]+/.exec(stderr) ?? [];
    const started = performance.now();
    await target.deliverAndMerge();
    expect(await target.stopped()).toMatchObject({
      message: expect.stringContaining(`${name} dry-run failed (Invalid)`),
    });
    await runFix(story(), command);
    await cluster.flux(['reconcile', 'kustomization', 'apps']);
    await cluster.until('deployment', at, (found) => isAvailable(found) && containerOf(found) === 'worker');
    seen(`available ${((performance.now() - started) / 1000).toFixed(1)} s after deliver started`);
    await recreatePods(story(), name);
    await allPass(story(), name);
  });

  test('moves it back to the chart', async () => {
    const { cluster, sources, target } = story();
    sources.edit(file, (text) => text.replace("runtime: 'plain', ", ''));
    expect((await target.deliver()).stderr).toContain('RELEASE-REPLACED');
    const started = performance.now();
    await target.ready(await target.deliverAndMerge());
    await cluster.until('deployment', at, (found) => isAvailable(found) && containerOf(found) === 'st-app');
    seen(`available ${((performance.now() - started) / 1000).toFixed(1)} s after deliver started`);
    await recreatePods(story(), name);
    await allPass(story(), name);
  });
}

function isAvailable(found: Found | undefined): boolean {
  return condition(found, 'Available')?.status === 'True';
}

function containerOf(found: Found | undefined): string | undefined {
  return found?.spec?.template?.spec.containers[0]?.name;
}
