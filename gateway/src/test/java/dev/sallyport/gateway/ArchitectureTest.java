package dev.sallyport.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** The shape of the gateway: which way its packages depend, and what each may touch. */
@AnalyzeClasses(packages = "dev.sallyport", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE =
            slices().matching("dev.sallyport.gateway.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule GATEWAY_KNOWS_NO_EXAMPLES_AND_NO_VOLUMES = noClasses()
            .that()
            .resideInAPackage("dev.sallyport.gateway..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.sallyport.examples..", "dev.sallyport.volume..");

    @ArchTest
    static final ArchRule CORE_KNOWS_NO_GATEWAY_AND_NO_SERVER = noClasses()
            .that()
            .resideInAPackage("dev.sallyport.kms..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.sallyport.gateway..", "io.netty..");

    @ArchTest
    static final ArchRule CIPHERS_ARE_MADE_IN_THE_CRYPTO_PACKAGES_ONLY = noClasses()
            .that()
            .resideOutsideOfPackages("dev.sallyport.kms.crypto..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("javax.crypto.Cipher");

    @ArchTest
    static final ArchRule WHAT_PARSES_S3_DOES_NO_IO = noClasses()
            .that()
            .resideInAPackage("dev.sallyport.gateway.s3..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty.channel..", "java.nio.channels..", "java.net.http..", "java.nio.file..");

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_PRINTS = noClasses()
            .that()
            .resideInAPackage("dev.sallyport..")
            .and()
            .resideOutsideOfPackages("dev.sallyport.gateway.cli..", "dev.sallyport.examples..")
            .and()
            .doNotHaveFullyQualifiedName("dev.sallyport.gateway.Main")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule RECORDS_HOLD_NO_ARRAYS = classes().that().areRecords().should(holdNoArrays());

    private static ArchCondition<JavaClass> holdNoArrays() {
        return new ArchCondition<>("hold no arrays, which would leak into toString and break equals") {
            @Override
            public void check(JavaClass record, ConditionEvents events) {
                record.getFields().stream()
                        .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                        .filter(field -> field.getRawType().isArray())
                        .forEach(field -> events.add(SimpleConditionEvent.violated(field, field.getDescription())));
            }
        };
    }
}
