module.exports = {
  get SealedSecret() {
    return require('./SealedSecret');
  },
  get ExternalSecret() {
    return require('./ExternalSecret');
  },
  get HTTPRoute() {
    return require('./HTTPRoute');
  },
  get HelmRelease() {
    return require('./HelmRelease');
  },
  get ScaledObject() {
    return require('./ScaledObject');
  },
  get PodMonitor() {
    return require('./PodMonitor');
  },
  get PrometheusRule() {
    return require('./PrometheusRule');
  },
  get HelmRepository() {
    return require('./HelmRepository');
  },
  get OCIRepository() {
    return require('./OCIRepository');
  },
  get Namespace() {
    return require('./Namespace');
  },
  get Service() {
    return require('./Service');
  },
  get ServiceAccount() {
    return require('./ServiceAccount');
  },
  get ConfigMap() {
    return require('./ConfigMap');
  },
  get Deployment() {
    return require('./Deployment');
  },
  get HorizontalPodAutoscaler() {
    return require('./HorizontalPodAutoscaler');
  },
  get Ingress() {
    return require('./Ingress');
  },
  get NetworkPolicy() {
    return require('./NetworkPolicy');
  },
  get PodDisruptionBudget() {
    return require('./PodDisruptionBudget');
  },
  get RegistryServer() {
    return require('./RegistryServer');
  },
};
