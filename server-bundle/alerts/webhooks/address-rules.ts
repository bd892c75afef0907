import { BulkheadError } from '../../contract/index.ts';
import { addressCheck, checkedLookup as checkedLookupOf, requireAddress as requireAddressOf, type AddressCheck } from '../../outbound/address-rules.ts';

export type { AddressCheck } from '../../outbound/address-rules.ts';

/** Where webhooks may be sent to. @param allowed exceptions of the node's configuration (`alerts.allowAddresses`) */
export const webhookAddresses = addressCheck;

const refusal = (address: string): BulkheadError => new BulkheadError('WEBHOOK_ADDRESS_REFUSED', `Webhooks are not sent to ${address}`);

/** @throws WEBHOOK_ADDRESS_REFUSED for an address that is written in the URL itself */
export function requireAddress(url: string, isGood: AddressCheck): void {
  requireAddressOf(url, isGood, refusal);
}

/** Resolves names; what is not allowed fails with WEBHOOK_ADDRESS_REFUSED. */
export function checkedLookup(isGood: AddressCheck): ReturnType<typeof checkedLookupOf> {
  return checkedLookupOf(isGood, refusal);
}
