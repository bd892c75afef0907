import { Option } from 'commander';

/** `--script`: shows the plan in another form, and so does nothing either, also where `--plan` is not said. @param each what there is one of */
export function scriptOption(each = ''): Option {
  return new Option('--script', `the plan as a shell script${each}; does nothing, as --plan`).implies({ plan: true });
}
