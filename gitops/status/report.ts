import { colours } from '../../cli/colours';
import { table } from '../../cli/table';
import { parseImage } from '../../model/image';
import { printable } from '../../model/problem';
import { type Delivered, type Note, notesOf, type Row } from './row';

/** Whether any row needs action. */
export function isUrgent(rows: readonly Row[]): boolean {
  return rows.some((row) => notesOf(row).some((note) => note.isUrgent));
}

/** A table of at most 100 columns, followed by the differences and what to do about them. */
export function describeRows(rows: readonly Row[]): string {
  const hasPlatforms = rows.some(({ platform }) => platform?.flag);
  const header = ['server', 'platform', 'declared', 'rendered', 'delivered', 'running', 'next'];
  const cells = rows.map((row) => {
    const [first] = notesOf(row);
    return [
      cut(row.server ?? '(all)', 20),
      cut(row.platform?.name ?? '(all)', 14),
      cut(versionOf(row.declared?.image) || '-', 13),
      row.rendered.state === 'same' ? 'yes' : row.rendered.state === 'stale' ? 'stale' : 'open',
      deliveredCell(row),
      runningCell(row),
      first === undefined ? '' : (first.isUrgent ? colours.yellow : colours.dim)(first.word),
    ];
  });
  const isShown = (_cell: string, index: number) => hasPlatforms || index !== 1;
  const shown = table(
    header.filter(isShown),
    cells.map((line) => line.filter(isShown)),
  );
  const below = rows.flatMap((row) => notesOf(row).flatMap((note) => noteLines(row, note)));
  const isUnchecked = rows.some(
    ({ server, delivered, dns }) => server !== undefined && (delivered ?? dns) === undefined,
  );
  const about = [
    ...new Set(rows.flatMap(({ secrets }) => secrets ?? [])),
    ...(isUnchecked ? ['delivered is compared with checkouts: --to <checkout>, --dns-to <checkout>'] : []),
  ].map((line) => colours.dim(`- ${line}`));
  return [shown, ...below, ...about].join('\n');
}

/** The rows as `--json` prints them, without what was not checked. */
export function rowsJson(rows: readonly Row[]) {
  return rows.map((row) => ({ ...row, platform: row.platform?.name, next: notesOf(row) }));
}

function noteLines({ server = 'all servers', platform }: Row, { word, what, fix, isUrgent: urgent }: Note) {
  const where = platform?.flag ? `${server} on ${platform.name}` : server;
  const mark = urgent ? colours.yellow('!') : colours.dim('-');
  return [`${mark} ${where}: ${what}`, `    ${colours.dim(word)}  ${fix}`];
}

function deliveredCell({ server, delivered, dns, declared }: Row): string {
  if (delivered === undefined && dns === undefined) return server === undefined ? '-' : 'not checked';
  const states = [delivered, dns].flatMap((target) => target?.state ?? []);
  const worst = worstFirst.find((state) => states.includes(state)) ?? 'same';
  const version = versionOf(delivered?.image);
  // The image version is the most useful value; the notes below the table have the other differences.
  const isOther = worst === 'differs' && declared !== undefined && versionOf(declared.image) !== version;
  if (server !== undefined && (worst === 'same' || isOther) && version !== '') return cut(version, 13);
  return { same: 'yes', absent: 'no', differs: 'differs', uncommitted: 'open', unmerged: 'branch' }[worst];
}

const worstFirst: readonly Delivered['state'][] = ['absent', 'differs', 'uncommitted', 'unmerged'];

function runningCell({ declared, running }: Row): string {
  if (running === undefined) return declared === undefined ? '-' : 'not checked';
  const { state, version = '' } = running;
  if (state === 'inside' || state === 'down') return state === 'down' ? 'down' : 'in cluster';
  const text = version === '' ? 'up' : `tools ${version}`;
  return cut(printable(state === 'differs' ? `${text} ≠` : text), 15);
}

/** The last part of an image reference: its tag, or the start of its digest. */
function versionOf(reference = ''): string {
  const { tag, digest } = parseImage(reference) ?? {};
  return tag ?? digest?.slice('sha256:'.length, 'sha256:'.length + 12) ?? '';
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
