/** An amount as people write it: its digits are exact, so they are not made a number. */
export function price({ amount, currencyCode }: { amount: string; currencyCode: string }): string {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency: currencyCode });
  return format.format(amount as Intl.StringNumericLiteral);
}
