package dev.sallyport.gateway.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version as the build wrote it into the jar. */
final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"sallyport " + version()};
    }

    static String version() {
        return Objects.requireNonNullElse(VersionProvider.class.getPackage().getImplementationVersion(), "development");
    }
}
