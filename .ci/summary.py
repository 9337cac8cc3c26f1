#!/usr/bin/env python3
"""Adds up the test reports of all modules and the steps of .ci/run; prints the summary; exits 1 on a failure.

A skipped test is a failure unless a line of .ci/allowed-skips names it (class or class.method, then why).
"""

import glob
import os
import sys
import xml.etree.ElementTree as ElementTree


def allowed_skips():
    with open(os.path.join(os.path.dirname(__file__), "allowed-skips"), encoding="utf-8") as lines:
        stripped = (line.split("#")[0].strip() for line in lines)
        return {line.split()[0] for line in stripped if line}


def main():
    passed = failed = skipped = 0
    allowed = allowed_skips()
    complaints = []
    reports = glob.glob("*/target/surefire-reports/TEST-*.xml") + glob.glob("*/target/failsafe-reports/TEST-*.xml")
    for report in sorted(reports):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                complaints.append(f"failed: {name}")
            elif (skip := case.find("skipped")) is not None:
                skipped += 1
                bare = name.split("(")[0].split("{")[0].split("[")[0]
                why = (skip.get("message") or skip.text or "").strip().split("\n")[0]
                if bare in allowed or case.get("classname") in allowed:
                    print(f"skipped, as allowed: {name}: {why}")
                else:
                    failed += 1
                    skipped -= 1
                    complaints.append(f"skipped, but should have run: {name}: {why}")
            else:
                passed += 1
    tests = passed + failed + skipped
    for module in ("kms-core", "gateway", "volume-agent"):
        if not glob.glob(f"{module}/target/surefire-reports/TEST-*.xml"):
            failed += 1
            complaints.append(f"no test of {module} ran")
    with open(sys.argv[1], encoding="utf-8") as steps:
        for line in steps:
            outcome, step = line.rstrip("\n").split(" ", 1)
            passed += outcome == "pass"
            failed += outcome == "fail"
            if outcome == "fail":
                complaints.append(f"failed step: {step}")
    for complaint in complaints:
        print(complaint)
    print(f"{tests} tests in {len(reports)} classes, and the steps of this script:")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not tests else 0


sys.exit(main())
