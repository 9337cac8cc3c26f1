#!/usr/bin/env python3
"""Sallyport by boto3: an object in parts under a key of the KMS, its listing, and the audit-relevant KMS calls.

Endpoint, region and credentials come from the environment.
"""
import os

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

bucket, key = os.environ["SALLYPORT_BUCKET"], os.environ["SALLYPORT_KEY_ARN"]
endpoint = os.environ["AWS_ENDPOINT_URL"]
s3 = boto3.client("s3", endpoint_url=endpoint)
kms = boto3.client("kms", endpoint_url=endpoint)

content = os.urandom(12_000_000)
with open("target-boto3", "wb") as file:
    file.write(content)
s3.upload_file(
    "target-boto3", bucket, "boto3/large",
    ExtraArgs={"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key},
    Config=TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=5 << 20),
)
os.remove("target-boto3")
assert s3.get_object(Bucket=bucket, Key="boto3/large")["Body"].read() == content
listed = s3.list_objects_v2(Bucket=bucket, Prefix="boto3/")["Contents"]
assert [(each["Key"], each["Size"]) for each in listed] == [("boto3/large", len(content))]
print("put, get and list of boto3/large,", len(content), "bytes in parts")

kms.disable_key(KeyId=key)
try:
    s3.get_object(Bucket=bucket, Key="boto3/large")
    raise AssertionError("a disabled key opened an object")
except ClientError as error:
    assert error.response["Error"]["Code"] == "KMS.DisabledException", error
finally:
    kms.enable_key(KeyId=key)
print("refused while the key is disabled")
