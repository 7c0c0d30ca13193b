import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../../charts/render';
import { unconfirmedPlatform } from '../../../testing/fixtures';
import { contract } from '../../../worker/contract';
import { type Condition, condition, type Found } from '../cluster';
import type { ServerName } from './sources';
import type { Story } from './story';

const { secret: workerSecret, previousSecret } = contract.env;

/** The values to seal for each server, with characters that are hard to quote. */
export const values = {
  'chart-public': { [workerSecret]: 'the-worker-secret-of-chart-public', API_KEY: 'key-with-ünïcode "quotes" $HOME' },
  'chart-internal': { [workerSecret]: 'the-worker-secret-of-chart-internal' },
  'plain-public': { [workerSecret]: 'the-worker-secret-of-plain-public', API_KEY: 'two\nlines' },
  'plain-internal': { [workerSecret]: 'the-worker-secret-of-plain-internal' },
  'chart-leaving': { [workerSecret]: 'the-worker-secret-of-chart-leaving' },
  'plain-leaving': { [workerSecret]: 'the-worker-secret-of-plain-leaving' },
} as const satisfies Readonly<Record<ServerName, Readonly<Record<string, string>>>>;

const names = Object.keys(values) as ServerName[];

/** 2: the controller decrypts every value that our commands seal, and refuses one sealed for another namespace. */
export function proveSealing(story: () => Story): void {
  const seal = (args: readonly string[], input?: string) => story().sources.succeeds('seal', args, input);

  test('fetches the certificate from the controller, and pins it as fetch-cert prints it', async () => {
    const address = story().cluster.plane.certificate;
    expect((await story().sources.command('seal', ['fetch-cert', address])).stderr).toContain('CERT-FETCH');
    const printed = await seal(['fetch-cert', address, '--allow-http']);
    const [pin] = /^ +certificate: \{[^}]*\},$/m.exec(printed) ?? [''];
    story().sources.edit(unconfirmedPlatform.source, (text) => text.replace(/^ +certificate: \{[^}]*\},$/m, pin));
    expect(await seal(['fetch-cert', address, '--allow-http'])).toContain('the pinned one');
  });

  test('synth names every value that is sealed under another certificate', async () => {
    const { code, stderr } = await story().sources.command('synth', []);
    expect(code).toBe(1);
    expect(stderr.match(/CERT-PIN .*\n +in .*/g)).toHaveLength(Object.keys(values).length);
    for (const [name, sealed] of Object.entries(values)) {
      for (const [key, value] of Object.entries(sealed)) await seal(['set', name, key], value);
    }
    await story().sources.succeeds('synth', []);
  });

  test.each(names)('%s: the Secret holds what was sealed, byte for byte', async (name) => {
    const sealed = await applied(story(), name);
    expect(await synced(story(), sealed)).toMatchObject({ status: 'True' });
    const found = await story().cluster.read('secret', sealed.metadata);
    expect(bytesIn(found)).toEqual(bytesOf(values[name]));
    expect(found?.metadata.labels).toEqual(sealed.metadata.labels);
  });

  test('the controller and synth refuse a value that was sealed for another namespace', async () => {
    const { cluster, sources } = story();
    const sealed = sources.renderedKind('plain-public', 'SealedSecret');
    const moved = { ...sealed, metadata: { ...sealed.metadata, namespace: 'plain-internal' } };
    await cluster.apply([moved]);
    const message = expect.stringContaining('no key could decrypt secret');
    expect(await synced(story(), moved)).toMatchObject({ status: 'False', message });
    expect(await cluster.read('secret', moved.metadata)).toBeUndefined();
    await cluster.kubectl(['delete', 'sealedsecret', moved.metadata.name, '-n', moved.metadata.namespace]);

    const file = `servers/plain-public/sealed/${unconfirmedPlatform.name}.json`;
    const before = sources.repository.read(file);
    sources.edit(file, (text) => text.replaceAll('"namespace": "plain-public"', '"namespace": "plain-internal"'));
    const { code, stderr } = await sources.command('synth', []);
    expect([code, stderr]).toEqual([1, expect.stringContaining('SEAL-LABEL')]);
    sources.edit(file, () => before);
  });

  test('a rotation adds the new value next to the old one, and finish removes the old one', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'rotation-')), 'new.plaintext');
    const { [workerSecret]: old, ...others } = values['plain-public'];
    await seal(['rotate', 'plain-public', workerSecret, '--plaintext-out', out]);
    const fresh = readFileSync(out, 'utf8');
    expect(fresh).not.toBe(old);
    await expectInSecret({ ...others, [workerSecret]: fresh, [previousSecret]: old });
    await seal(['finish', 'plain-public', workerSecret]);
    await expectInSecret({ ...others, [workerSecret]: fresh });
  });

  const expectInSecret = async (wanted: Readonly<Record<string, string>>) => {
    await story().sources.succeeds('synth', []);
    // finish requires a commit with both values.
    story().sources.repository.commit();
    const { metadata } = await applied(story(), 'plain-public');
    const keys = (record: object) => Object.keys(record).sort().join();
    const isWritten = (found: Found | undefined) => keys(found?.data ?? {}) === keys(wanted);
    expect(bytesIn(await story().cluster.until('secret', metadata, isWritten))).toEqual(bytesOf(wanted));
    // Flux would prune these, but has not applied them.
    const { namespace = '', name } = metadata;
    const others = ['sealedsecrets', '-n', namespace, '--field-selector', `metadata.name!=${name}`];
    await story().cluster.kubectl(['delete', ...others]);
  };
}

/** Applies the namespace and the sealed secret of a server. */
async function applied({ cluster, sources }: Story, name: ServerName): Promise<Manifest> {
  const sealed = sources.renderedKind(name, 'SealedSecret');
  await cluster.apply([sources.renderedKind(name, 'Namespace'), sealed]);
  return sealed;
}

/** The condition that the controller reports for the current generation. */
async function synced({ cluster }: Story, { metadata }: Manifest): Promise<Condition | undefined> {
  const isReported = (found: Found | undefined) => condition(found, 'Synced') !== undefined;
  return condition(await cluster.until('sealedsecret', metadata, isReported), 'Synced');
}

/** The digest of each value in a Secret, so that no secret appears in a report. */
export function bytesIn(found: Found | undefined): Readonly<Record<string, string>> {
  return digests(Object.entries(found?.data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64')]));
}

/** The digest of each plaintext value. */
export function bytesOf(wanted: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return digests(Object.entries(wanted).map(([key, text]) => [key, Buffer.from(text)]));
}

function digests(entries: readonly (readonly [string, Buffer])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map(([key, bytes]) => [key, createHash('sha256').update(bytes).digest('hex')]));
}
