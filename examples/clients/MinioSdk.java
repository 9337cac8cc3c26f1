import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.messages.Item;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;

/**
 * Sallyport by the MinIO SDK for Java, as an application that used MinIO's own SSE-KMS has it: only the endpoint changes.
 *
 * <pre>java -cp 'examples/target/lib/*' examples/clients/MinioSdk.java</pre>
 */
public class MinioSdk {
    public static void main(String[] arguments) throws Exception {
        String bucket = System.getenv("SALLYPORT_BUCKET");
        MinioClient minio = MinioClient.builder()
                .endpoint(System.getenv("AWS_ENDPOINT_URL"))
                .region(System.getenv("AWS_REGION"))
                .credentials(System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY"))
                .build();

        // more than one part
        byte[] content = new byte[12_000_000];
        new Random(1).nextBytes(content);
        // encrypted under the bucket's default key; this SDK takes ServerSideEncryption.KMS over TLS only
        minio.putObject(PutObjectArgs.builder()
                .bucket(bucket)
                .object("minio-sdk/large")
                .stream(new ByteArrayInputStream(content), -1L, 5L << 20)
                .build());

        long size = minio.statObject(
                        StatObjectArgs.builder().bucket(bucket).object("minio-sdk/large").build())
                .size();
        expect(content.length == size, "stat: " + size);
        for (Result<Item> each : minio.listObjects(
                ListObjectsArgs.builder().bucket(bucket).prefix("minio-sdk/").build())) {
            expect(each.get().size() == size, "list: " + each.get().size());
        }
        try (InputStream stream = minio.getObject(
                GetObjectArgs.builder().bucket(bucket).object("minio-sdk/large").build())) {
            expect(Arrays.equals(stream.readAllBytes(), content), "the content differs");
        }
        System.out.println("put, stat, list and get of minio-sdk/large, " + size + " bytes in parts");
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
