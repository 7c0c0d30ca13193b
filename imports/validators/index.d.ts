import type { ValidateFunction } from 'ajv';

export const SealedSecret: ValidateFunction;
export const ExternalSecret: ValidateFunction;
export const HTTPRoute: ValidateFunction;
export const HelmRelease: ValidateFunction;
export const ScaledObject: ValidateFunction;
export const PodMonitor: ValidateFunction;
export const PrometheusRule: ValidateFunction;
export const HelmRepository: ValidateFunction;
export const OCIRepository: ValidateFunction;
export const RegistryServer: ValidateFunction;
