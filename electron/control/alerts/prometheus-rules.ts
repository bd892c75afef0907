/** The file is `resources/prometheus/bulkhead.rules.yml`; a test holds the two against each other. */
export const prometheusRulesFile = 'bulkhead.rules.yml';
export const prometheusRules = '';
