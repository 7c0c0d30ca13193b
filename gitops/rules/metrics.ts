import type { Manifest } from '../../charts/render';
import { at, isRecord } from '../../model/json';
import { nearest } from '../../model/nearest';
import { contract } from '../../worker/contract';
import type { Finding, ObjectCheck } from './check';

/**
 * Checks that alerts, dashboards and autoscalers query only metrics and labels that a worker exports. Any other query silently
 * returns nothing.
 */
export const metricsExported: ObjectCheck = (object) =>
  queriesOf(object).flatMap(({ path, query }) => seriesIn(query).flatMap((series) => findingsAbout(series, path)));

/** A query, and its path in an object. */
export interface Query {
  readonly path: string;
  readonly query: string;
}

/** All PromQL queries of a PrometheusRule, a dashboard in a ConfigMap, or a ScaledObject. */
export function queriesOf(object: Manifest): readonly Query[] {
  const { kind } = object;
  if (kind === 'PrometheusRule' || kind === 'ScaledObject') return textsAt(object.spec, 'spec', /^(expr|query)$/);
  if (kind !== 'ConfigMap' || !isRecord(object.data)) return [];
  return Object.entries(object.data).flatMap(([file, text]) => {
    const dashboard = file.endsWith('.json') ? parsed(text) : undefined;
    const panels = textsAt(at(dashboard, 'panels'), `data.${file}.panels`, /^expr$/);
    const variables = textsAt(at(dashboard, 'templating'), `data.${file}.templating`, /^query$/);
    return [...panels, ...variables.filter(({ query }) => query.includes('('))];
  });
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    // Not JSON, so not a dashboard.
    return undefined;
  }
}

function textsAt(value: unknown, path: string, key: RegExp): readonly Query[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const inside = `${path}.${name}`;
    return typeof member === 'string' && key.test(name)
      ? [{ path: inside, query: member }]
      : textsAt(member, inside, key);
  });
}

/** A metric in a query, with the labels that the query uses. */
export interface Series {
  readonly metric: string;
  readonly labels: readonly string[];
}

/**
 * The metrics in a query. This is not a PromQL parser: it knows only names, selectors, groupings and ranges, and attributes the
 * labels of a grouping to every metric in the query.
 */
export function seriesIn(query: string): readonly Series[] {
  const grouped: string[] = [];
  const bare = query
    .replace(/"(?:\\.|[^"\\])*"/g, '""')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/^label_values\((.*),\s*(\w+)\)$/, (_, selector: string, label: string) => {
      grouped.push(label);
      return selector;
    })
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g, (_, labels: string) => {
      grouped.push(...labels.split(',').flatMap((label) => label.trim() || []));
      return ' ';
    });
  return [...bare.matchAll(/\b([a-z_:][\w:]*)\b(?!\s*\()(?:\{([^}]*)\})?/gi)]
    .filter(([, metric = '', selector]) => selector !== undefined || !operators.test(metric))
    .map(([, metric = '', selector = '']) => {
      const selected = [...selector.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label);
      return { metric, labels: [...new Set([...selected, ...grouped])] };
    });
}

const operators = /^(and|or|unless|bool|offset|inf|nan|by|without)$/i;

/** The labels that Prometheus adds to every series it scrapes from a pod (prometheus-operator 0.85). */
const targetLabels = ['job', 'namespace', 'pod', 'container', 'endpoint', 'instance'];
const ofPrometheus = { up: [] };

function findingsAbout({ metric, labels }: Series, path: string): readonly Finding[] {
  const known: Readonly<Record<string, readonly string[]>> = { ...contract.metrics, ...ofPrometheus };
  const own = known[metric];
  if (own === undefined) {
    return [refused(path, `queries the metric "${metric}", which no worker exports`, metric, Object.keys(known))];
  }
  const all = [...own, ...targetLabels];
  return labels
    .filter((label) => !all.includes(label))
    .map((label) => refused(path, `uses the label "${label}", which "${metric}" does not have`, label, all));
}

function refused(path: string, found: string, name: string, names: readonly string[]): Finding {
  const meant = nearest(name, names);
  const fix = meant === undefined ? `use one of ${names.join(', ')}` : `write "${meant}"`;
  return { code: 'POLICY', path, found: `${found} (policy metrics-exported)`, fix };
}
