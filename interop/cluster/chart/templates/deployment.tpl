apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels: &labels
      app.kubernetes.io/name: {{ .Chart.Name }}
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels: *labels
      annotations: {{ toJson .Values.podAnnotations }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          ports:
            - { name: http, containerPort: {{ .Values.service.internalPort }} }
          env: {{ toJson .Values.env }}
          envFrom: {{ toJson .Values.envFrom }}
          resources: {{ toJson .Values.resources }}
          {{- if .Values.livenessProbe.enabled }}
          livenessProbe: {{ omit .Values.livenessProbe "enabled" | toJson }}
          {{- end }}
          {{- if .Values.readinessProbe.enabled }}
          readinessProbe: {{ omit .Values.readinessProbe "enabled" | toJson }}
          {{- end }}
