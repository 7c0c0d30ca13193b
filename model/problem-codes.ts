import { ofDeclarations } from './problems/declaration';
import { ofDeliveries } from './problems/delivery';
import { ofLiveServers } from './problems/live';
import { ofSealing } from './problems/sealing';

/** What a code means, and its default fix. Markdown. */
export interface ProblemMeaning {
  readonly means: string;
  readonly fix: string;
}

/** The meanings of the codes under the headings of docs/problems.md, in order. */
export const problemParts: Readonly<Record<string, Readonly<Record<string, ProblemMeaning>>>> = {
  'Declarations and rendered output': ofDeclarations,
  Sealing: ofSealing,
  'Delivery and Flux': ofDeliveries,
  'A live server and the engine': ofLiveServers,
};

/**
 * Every code that a command can report. Codes never change once released; messages may. The source of docs/problems.md,
 * `npm run explain`, and the default fix of a problem.
 */
export const problemMeanings = { ...ofDeclarations, ...ofSealing, ...ofDeliveries, ...ofLiveServers };

/** The code of a problem. */
export type ProblemCode = keyof typeof problemMeanings;

/** All codes. */
// Object.keys widens to string.
export const problemCodes = Object.keys(problemMeanings) as readonly ProblemCode[];
