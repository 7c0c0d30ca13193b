import { ofDeclarations } from './problems/declaration';
import { ofDeliveries } from './problems/delivery';
import { ofLiveServers } from './problems/live';
import { ofSealing } from './problems/sealing';

/** What a code means in general, and what ends the problem unless its message says it better. Markdown. */
export interface ProblemMeaning {
  readonly means: string;
  readonly fix: string;
}

/** The codes and their meanings under the headings of docs/problems.md, in its order. */
export const problemParts: Readonly<Record<string, Readonly<Record<string, ProblemMeaning>>>> = {
  'Declarations and what is rendered': ofDeclarations,
  Sealing: ofSealing,
  'Delivery and Flux': ofDeliveries,
  'A live server and the engine': ofLiveServers,
};

/**
 * Every code a command can report. A code never changes once released; sentences may. Source of docs/problems.md, of
 * `npm run explain`, and of the fix of a problem that gives none.
 */
export const problemMeanings = { ...ofDeclarations, ...ofSealing, ...ofDeliveries, ...ofLiveServers };

/** One of them. */
export type ProblemCode = keyof typeof problemMeanings;

/** All of them. */
// Object.keys widens to string; these are the keys.
export const problemCodes = Object.keys(problemMeanings) as readonly ProblemCode[];
