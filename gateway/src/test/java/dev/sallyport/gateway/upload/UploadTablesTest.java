package dev.sallyport.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.gateway.format.Id128;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadTablesTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    @TempDir
    Path directory;

    private static Upload begin(UploadTables tables) {
        tables.add(new Upload(
                0,
                "id",
                "bucket",
                "key",
                "store",
                "arn:aws:iam::111122223333:user/alice",
                "AIDA",
                NOW,
                Map.of(),
                null,
                false,
                UploadState.OPEN,
                0,
                null,
                null));
        return Objects.requireNonNull(tables.find("bucket", "key", "id"));
    }

    private static Part part(int form) {
        return new Part(1, "etag-" + form, 100 + form, Id128.random(), "facts", "staged-" + form, NOW);
    }

    @Test
    void formsBeyondTheSixteenLatestAreGivenBackWithTheirSizes() {
        try (UploadTables tables = UploadTables.open(directory.resolve("uploads.db"))) {
            Upload upload = begin(tables);
            List<Part> superseded = new ArrayList<>();
            for (int form = 0; form < UploadTables.MAX_FORMS + 2; form++) {
                superseded.addAll(Objects.requireNonNull(tables.addPart(upload, part(form))));
            }
            assertThat(superseded).extracting(Part::staged).containsExactly("staged-0", "staged-1");
            assertThat(superseded).extracting(Part::size).containsExactly(100L, 101L);
            assertThat(tables.parts(upload)).hasSize(UploadTables.MAX_FORMS);
            assertThat(tables.stagedBytes()).isEqualTo(16 * 100 + (2 + 17) * 16 / 2);
        }
    }

    @Test
    void anEndedCompletionTakesNothingMore() {
        try (UploadTables tables = UploadTables.open(directory.resolve("uploads.db"))) {
            Upload upload = begin(tables);
            long first = tables.beginCompletion(upload, "hash", NOW);
            long second = tables.beginCompletion(upload, "hash", NOW);
            assertThat(tables.end(upload, first, NOW)).as("an old fence").isFalse();
            assertThat(tables.end(upload, second, NOW)).isTrue();
            assertThat(tables.abort(upload, NOW)).isFalse();
            assertThat(tables.addPart(upload, part(1))).isNull();
            assertThat(Objects.requireNonNull(tables.find("bucket", "key", "id"))
                            .state())
                    .isEqualTo(UploadState.DONE);
        }
    }
}
