/** What came of a proof, for people and for other programs. */
import reports from 'junit-report-builder';
import { markdownTable } from 'markdown-table';
import type { Finding } from '../engine/proof.ts';
import type { PartProof } from './proof-job.ts';

/** A line for each part, and below what was wrong with those that are not proved. */
export function tableReport(proofs: readonly PartProof[]): string {
  const rows = proofs.map(({ lesson, part, proved, seconds, findings }) => {
    const wrong = findings.filter(({ ok }) => !ok).length;
    return [
      lesson,
      part,
      proved ? 'proved' : `${wrong} wrong`,
      String(findings.length),
      `${seconds.toFixed(0)} s`,
    ];
  });
  const table = markdownTable([['lesson', 'task', 'result', 'looks', 'time'], ...rows], {
    align: ['l', 'l', 'l', 'r', 'r'],
  });
  const faults = proofs
    .filter(({ proved }) => !proved)
    .map(({ lesson, part, findings }) =>
      [
        `${lesson}, ${part}:`,
        ...findings.filter(({ ok }) => !ok).map((finding) => `  ${explain(finding)}`),
      ].join('\n'),
    );
  return [table, ...faults].join('\n\n');
}

/** A finding in words, over several lines where the check or command printed so much. */
export function explain({ situation, expected, message }: Finding): string {
  const wish = expected === 'fail' ? 'should have been refused: ' : '';
  return `${situation}: ${wish}${message.replaceAll('\n', '\n    ')}`;
}

/** The report as JUnit XML: a suite for each lesson, a case for each part. */
export function junitReport(proofs: readonly PartProof[]): string {
  const builder = reports.newBuilder();
  for (const lesson of new Set(proofs.map((proof) => proof.lesson))) {
    const suite = builder.testSuite().name(lesson);
    for (const { part, proved, seconds, findings } of proofs.filter((proof) => proof.lesson === lesson)) {
      const testCase = suite.testCase().className(lesson).name(part).time(seconds);
      const wrong = findings.filter(({ ok }) => !ok).map(explain);
      if (!proved) testCase.failure(wrong.join('\n'));
      testCase.standardOutput(
        findings.map(({ situation, message }) => `${situation}: ${message}`).join('\n'),
      );
    }
  }
  return builder.build();
}
